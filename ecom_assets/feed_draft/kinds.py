"""What kind of export a sample is, and what the SQL of each kind says. Pure.

A *meaning* is a key of ``words.yaml``; the SQL calls the feed's columns by their names.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

# What a header without more than this is, by kind.
BARE = {
    "orders": {"order_id": ("id", "nr", "no")},
    "order_lines": {"product_name": ("name", "naam", "nom")},
    "customers": {"customer_id": ("id", "nr", "no"), "full_name": ("name", "naam", "nom")},
    "products": {"product_id": ("id", "nr", "no"), "product_name": ("name", "naam", "nom")},
    "refunds": {"refund_id": ("id", "nr", "no")},
    "payments": {"payment_id": ("id", "nr", "no")},
}
PLACE = ("country", "region", "city")
PERSON = ("email", "full_name", "phone", "birth_on", *PLACE, "postal_code", "segment")


@dataclass(frozen=True)
class Rows:
    """The SQL of one dataset.

    Attributes:
        told: What its rows are, as a comment.
        values: SQL by column of the contract.
        grouped: Whether a row stands for several lines.
        where: Which lines have such a row.
        has_document: Whether rows belong to a document.
    """

    told: str
    values: Mapping[str, str]
    grouped: bool = False
    where: str | None = None
    has_document: bool = False


@dataclass(frozen=True)
class Columns:
    """The columns of a sample that mean something.

    Attributes:
        names: Name in the feed by meaning.
        codes: Meanings whose values are codes of two letters.
        states: State of the contract by delivered one, by kind of state.
        negative: Meanings whose values are mostly below 0.
        misfits: Meanings that have a header, but no values of their type.
        used: The meanings that the SQL has asked for.
    """

    names: Mapping[str, str]
    codes: Collection[str] = ()
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    negative: Collection[str] = ()
    misfits: Collection[str] = ()
    used: set[str] = field(default_factory=set)

    def get(self, meaning: str) -> str | None:
        """Returns the column of a meaning, and notes that it is used."""
        if meaning in self.names:
            self.used.add(meaning)
        return self.names.get(meaning)

    def first(self, *meanings: str) -> str | None:
        """Returns the column of the first meaning that is there."""
        return next((self.get(each) for each in meanings if each in self.names), None)


def kind_of(found: Collection[str]) -> str:
    """Returns what kind of export has columns of these meanings."""

    def has(*meanings: str) -> bool:
        return any(meaning in found for meaning in meanings)

    has_goods, is_dated = has("product_id", "product_name", "quantity"), has("ordered_at")
    is_paid = has("payment_id", "payment_amount") or (has("method") and has("order_id"))
    telling = {
        "payments": is_paid and not has_goods and not is_dated,
        "refunds": has("refund_id") or (has("refunded_at") and not is_dated),
        "order_lines": has("order_id", "ordered_at") and has_goods,
        "orders": has("order_id", "ordered_at"),
        "products": has("product_id", "unit_cost") or (has("product_name") and not has("quantity")),
        "customers": has("customer_id", "email", "full_name", "last_name", "phone"),
    }
    return next((kind for kind, is_one in telling.items() if is_one), "order_lines")


def datasets_of(kind: str, columns: Columns) -> dict[str, Rows]:
    """Returns the SQL of every dataset that an export of a kind fills."""
    return _KINDS[kind](columns)


def _order_lines(columns: Columns) -> dict[str, Rows]:
    datasets = {
        "orders": Rows(
            "One row per order; where its lines differ, the first that says something counts.",
            _given(
                {
                    "order_id": columns.get("order_id"),
                    "customer_id": _first_line(_customer(columns)),
                    "ordered_at": "document_at" if columns.get("ordered_at") else None,
                    **{name: _first_line(sql) for name, sql in _head(columns).items()},
                }
            ),
            grouped=True,
            has_document=True,
        ),
        "order_items": Rows(_PRICE, _line(columns), has_document=True),
        **_customers_of_orders(columns, is_grouped=True),
    }
    product = _product(columns)
    if product:
        values = {
            "product_id": product,
            "sku": _newest(columns.get("product_id")),
            "name": _newest(columns.get("product_name")),
            **{n: _newest(columns.get(n)) for n in ("category", "subcategory", "brand")},
            "supplier": _newest(columns.get("supplier")),
            "unit_cost": _newest(columns.get("unit_cost")),
            "updated_at": "max(document_at)",
        }
        datasets["products"] = Rows(
            "One row per product that a file names, as its newest order has it.",
            _given(values),
            grouped=True,
            where=f"{product} is not null",
        )
    return datasets


def _orders(columns: Columns) -> dict[str, Rows]:
    amount = columns.first("amount", "unit_price", "payment_amount")
    values = {
        "order_id": columns.get("order_id"),
        "customer_id": _customer(columns),
        "ordered_at": columns.get("ordered_at"),
        **_head(columns),
    }
    line = {
        "order_id": columns.get("order_id"),
        "line_number": "1",
        "quantity": "1",
        "unit_price": amount,
        "discount_amount": _absolute(columns, "discount_amount"),
        "tax_amount": columns.get("tax_amount"),
    }
    return {
        "orders": Rows("One row per order.", _given(values)),
        "order_items": Rows(
            "The export does not tell the lines of an order: what it came to is one line. If that "
            "has tax or shipping in it, take them off here: unit_price is before both. Where "
            "discounts are off it already, leave them out.",
            _given(line),
        ),
        **_customers_of_orders(columns, is_grouped=False),
    }


def _customers_of_orders(columns: Columns, *, is_grouped: bool) -> dict[str, Rows]:
    customer = _customer(columns)
    if not customer:
        return {}
    moment = "document_at" if is_grouped else columns.get("ordered_at")
    person = {
        name: _first_line(sql) if is_grouped else sql for name, sql in _person(columns).items()
    }
    return {
        "customers": Rows(
            "One row per order and customer: what the order says of them at its time.",
            _given({"customer_id": customer, **person, "updated_at": moment}),
            grouped=is_grouped,
            where=f"{customer} is not null",
            has_document=is_grouped,
        )
    }


def _customers(columns: Columns) -> dict[str, Rows]:
    values = {
        "customer_id": _customer(columns),
        **_person(columns),
        "created_at": columns.get("created_at"),
        "updated_at": columns.get("updated_at"),
    }
    return {"customers": Rows("One row per customer.", _given(values))}


def _products(columns: Columns) -> dict[str, Rows]:
    plain = ("category", "subcategory", "brand", "supplier", "unit_price", "unit_cost")
    values = {
        "product_id": _product(columns),
        "sku": columns.get("product_id"),
        "name": columns.get("product_name"),
        **{name: columns.get(name) for name in plain},
        "updated_at": columns.get("updated_at"),
    }
    return {"products": Rows("One row per product. unit_price is before tax.", _given(values))}


def _refunds(columns: Columns) -> dict[str, Rows]:
    amount = columns.first("refund_amount", "amount", "payment_amount", "unit_price")
    is_negative = bool({"refund_amount", "amount"} & {*columns.negative})
    values = {
        "refund_id": columns.get("refund_id") or columns.get("order_id"),
        "line_number": columns.get("line_number") or "line_number",
        "order_id": columns.get("order_id"),
        "product_id": _product(columns),
        "customer_id": _customer(columns),
        "quantity": _absolute(columns, "quantity") or "1",
        "amount": f"-{amount}" if amount and is_negative else amount,
        "tax_amount": _absolute(columns, "tax_amount"),
        "reason": columns.get("reason"),
        "refunded_at": columns.first("refunded_at", "ordered_at", "created_at"),
        "is_duplicate": "is_duplicate",
    }
    told = "One row per line of a refund. amount is positive where money is given back, before tax."
    return {"refunds": Rows(told, _given(values), has_document=True)}


def _payments(columns: Columns) -> dict[str, Rows]:
    values = {
        "payment_id": columns.get("payment_id"),
        "order_id": columns.get("order_id"),
        "method": columns.get("method"),
        "amount": columns.first("payment_amount", "amount"),
        "status": _state(columns, "payment_states") or "'captured'",
        "paid_at": columns.first("paid_at", "ordered_at", "created_at"),
    }
    told = "One row per payment; where no column tells what became of it, it has been received."
    return {"payments": Rows(told, _given(values))}


_KINDS: dict[str, Callable[[Columns], dict[str, Rows]]] = {
    "order_lines": _order_lines,
    "orders": _orders,
    "customers": _customers,
    "products": _products,
    "refunds": _refunds,
    "payments": _payments,
}

_PRICE = (
    "One row per line of an order. unit_price is before tax: where the export has the tax in it, "
    "take it off here, and give it as tax_amount."
)


def _line(columns: Columns) -> dict[str, str]:
    quantity, price = columns.get("quantity"), columns.get("unit_price")
    if not price and (amount := columns.get("amount")):
        price, discount = _price_from(amount, quantity)
    else:
        discount = _absolute(columns, "discount_amount")
    values = {
        "order_id": columns.get("order_id"),
        "line_number": columns.get("line_number") or "line_number",
        "product_id": _product(columns),
        "quantity": quantity or ("1" if price and "quantity" not in columns.misfits else None),
        "unit_price": price,
        "discount_amount": discount,
        "tax_amount": columns.get("tax_amount"),
        "is_duplicate": "is_duplicate",
    }
    return _given(values)


def _price_from(amount: str, quantity: str | None) -> tuple[str, str | None]:
    """Returns the price of one unit; what its rounding lacks to the amount is a discount."""
    if not quantity:
        return amount, None
    price = f"cast(round({amount} / {quantity}, 4) as decimal(18, 4))"
    return price, f"cast({price} * {quantity} - {amount} as decimal(18, 4))"


def _head(columns: Columns) -> dict[str, str]:
    place = {"ship_country_code" if "country" in columns.codes else "ship_country_name": "country"}
    place |= {"ship_region": "region", "ship_city": "city"}
    values = {
        "status": _state(columns, "order_states"),
        "channel": columns.get("channel"),
        "coupon_code": columns.get("coupon_code"),
        **{name: columns.get(meaning) for name, meaning in place.items()},
        "shipping_amount": columns.get("shipping_amount"),
        "order_discount_amount": _absolute(columns, "order_discount_amount"),
    }
    return _given(values)


def _person(columns: Columns) -> dict[str, str]:
    country = "country_code" if "country" in columns.codes else "country_name"
    parts = [sql for name in ("first_name", "last_name") if (sql := columns.get(name))]
    values = {
        **{name: columns.get(name) for name in PERSON if name not in ("country", "full_name")},
        "full_name": columns.get("full_name") or _joined(parts),
        country: columns.get("country"),
    }
    return _given(values)


def _joined(parts: list[str]) -> str | None:
    return f"nullif(concat_ws(' ', {', '.join(parts)}), '')" if parts else None


def _customer(columns: Columns) -> str | None:
    if number := columns.get("customer_id"):
        return number
    email = columns.get("email")
    return f"lower(trim({email}))" if email else None


def _product(columns: Columns) -> str | None:
    code = columns.get("product_id") or columns.get("product_name")
    return f"upper(trim({code}))" if code else None


def _state(columns: Columns, kind: str) -> str | None:
    """Returns SQL of a state; one that is not known is rejected, for it must not count as sold."""
    column = columns.get("status")
    if not column:
        return None
    known = columns.states.get(kind, {})
    cases = "".join(
        f"\n        when '{_sql(told)}' then '{state}'" for told, state in known.items()
    )
    return f"case {column}{cases}\n        else {column}\n    end" if cases else column


def _sql(text: str) -> str:
    return text.replace("'", "''")


def _absolute(columns: Columns, meaning: str) -> str | None:
    column = columns.get(meaning)
    return f"abs({column})" if column and meaning in columns.negative else column


def _first_line(sql: str | None) -> str | None:
    return f"arg_min({sql}, source_row)" if sql else None


def _newest(sql: str | None) -> str | None:
    return f"arg_max({sql}, (document_at, source_row))" if sql else None


def _given(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: sql for name, sql in values.items() if sql}
