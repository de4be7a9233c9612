"""Small made-up shops of every raw dataset: what happened in them, on their own clock.

A shop follows from its number alone, so a failing one is made again by ``made_up_shop(number)``.
Its days lie around a change of the clock and a month's end, its hours around midnight and in the
hours that occur twice or never. Money has as many decimals as the currency has, and up to 10^12.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.property.change_log import Row

REPORTING = "GBP"
# Zones with the days on which their clocks change; in Tokyo they never do.
TURNS = {
    "Europe/London": (date(2024, 3, 31), date(2024, 10, 27)),
    "America/New_York": (date(2024, 3, 10), date(2024, 11, 3)),
    "Australia/Lord_Howe": (date(2024, 4, 7), date(2024, 10, 6)),
    "Pacific/Auckland": (date(2024, 4, 7), date(2024, 9, 29)),
    "Asia/Tokyo": (date(2024, 3, 31),),
}
# Decimals of a currency, and its rates to the reporting one.
CURRENCIES = {
    "GBP": (2, ("1",)),
    "EUR": (2, ("0.85", "0.86543219", "0.9")),
    "USD": (2, ("0.79", "0.8")),
    "JPY": (0, ("0.0052", "0.00531234")),
    "BHD": (3, ("2.1", "2.09876543")),
}
HOURS = (
    time(0), time(23, 59, 59, 999999), time(0, 30), time(1, 30), time(1, 45, fold=1),
    time(2, 15), time(2, 30), time(12), time(12),
)  # fmt: skip
PRODUCTS = ("P1", "P2", "P3")
COUNTRIES = (None, "France", "Japan", "Atlantis")
LATEST_DAYS = 150
LATE_SHARE = 0.05


@dataclass(frozen=True)
class Happening:
    """Rows that come about together on a day of the shop, and how many days later they come."""

    on: date
    rows: tuple[Row, ...]
    late_days: int = 0

    @property
    def delivered_on(self) -> date:
        """The day of the file in which they are."""
        return self.on + timedelta(self.late_days)


@dataclass(frozen=True)
class MadeUpShop:
    """A shop and all that happened in it.

    Attributes:
        number: What it was made from.
        timezone: IANA name of its zone.
        currency: ISO code of its currency.
        whole_documents: Whether an order delivered again replaces the old one whole.
        happenings: In the order in which they were made, not in that of time.
        unpriced: Days whose rate never comes.
        next_month: First day of the month after the one in which the clock changes.
    """

    number: int
    timezone: str
    currency: str
    whole_documents: bool
    happenings: tuple[Happening, ...]
    unpriced: frozenset[date]
    next_month: date


@dataclass
class _Maker:
    random: Random
    zone: ZoneInfo
    currency: str
    days: list[date]
    whole_documents: bool
    happenings: list[Happening] = field(default_factory=list)
    orders: int = 0

    def moment(self, first: int = 0) -> datetime:
        """An instant on one of the shop's days, at an awkward hour; UTC."""
        local = datetime.combine(self.pick(*self.days[first:]), self.pick(*HOURS))
        return self.utc(local)

    def utc(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)

    def day(self, moment: datetime) -> date:
        return moment.replace(tzinfo=UTC).astimezone(self.zone).date()

    def pick(self, *values: Any) -> Any:
        return self.random.choice(values)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def money(self, least: int = 0, *, may_be_huge: bool = True) -> Decimal:
        """An amount with as many decimals as the currency has; a few near 10^12."""
        if may_be_huge and self.chance(0.03):
            return Decimal(10**12) - self.unit
        return Decimal(self.random.randint(least, 20_000)) * self.unit

    @property
    def unit(self) -> Decimal:
        return Decimal(1).scaleb(-CURRENCIES[self.currency][0])

    def happen(self, on: date, *rows: Row, late: float = LATE_SHARE) -> None:
        late_days = self.random.randint(1, LATEST_DAYS) if self.chance(late) else 0
        self.happenings.append(Happening(on, rows, late_days))


def made_up_shop(number: int) -> MadeUpShop:
    """Makes the shop of a number: up to five orders, and all that shops deliver beside them."""
    random = Random(number)  # noqa: S311
    timezone = random.choice(sorted(TURNS))
    currency = random.choice(sorted(CURRENCIES))
    turn = random.choice(TURNS[timezone])
    whole = random.random() < 0.3
    maker = _Maker(random, ZoneInfo(timezone), currency, _days(turn), whole)
    unpriced = frozenset[date]() if currency == REPORTING else _rates(maker)
    _histories(maker)
    _stock(maker)
    for _ in range(random.randint(1, 4)):
        _order(maker)
    if maker.chance(0.5):
        _credit_note(maker)
    _marketing(maker)
    happenings = tuple(maker.happenings)
    next_month = _month_end(turn) + timedelta(1)
    return MadeUpShop(number, timezone, currency, whole, happenings, unpriced, next_month)


def _days(turn: date) -> list[date]:
    end = _month_end(turn)
    around = [turn - timedelta(1), turn, turn, turn + timedelta(1)]
    later = [end, end + timedelta(1), turn + timedelta(35), turn + timedelta(62)]
    return [turn - timedelta(40), *around, *later]


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _rates(maker: _Maker) -> frozenset[date]:
    """Tells the rate of every day; one may be missing for a while or for ever, others change."""
    first, last = maker.days[0] - timedelta(3), maker.days[-1] + timedelta(LATEST_DAYS + 10)
    days = [first + timedelta(n) for n in range((last - first).days)]
    missing = {maker.pick(*maker.days)} if maker.chance(0.3) else set()
    told = [_rate(maker, day) for day in days if day not in missing]
    maker.happen(first, *told, late=0)
    for _ in range(maker.random.randint(0, 2)):
        corrected = maker.pick(*(day for day in maker.days if day not in missing))
        maker.happen(corrected + timedelta(1), _rate(maker, corrected), late=0.5)
    if missing and maker.chance(0.5):
        (day,) = missing
        maker.happen(day, _rate(maker, day), late=1)
        return frozenset()
    return frozenset(missing)


def _rate(maker: _Maker, day: date) -> Row:
    rate = maker.pick(*CURRENCIES[maker.currency][1])
    row = {"rate_on": day, "currency_code": maker.currency, "rate_to_base": rate}
    return "raw_fx_rates", None, row


def _histories(maker: _Maker) -> None:
    """Customers and products that change, change back, vanish, return and change in the past."""
    for customer in ("a", "b"):
        for segment in maker.pick(("new",), ("new", "vip", "new"), ("new", "vip", "lost", "vip")):
            said = {"segment": segment, "country_name": maker.pick(*COUNTRIES)}
            _change(maker, "raw_customers", {"customer_id": customer} | said)
    for product in PRODUCTS[:2]:
        for category in maker.pick((), ("cup",), ("cup", "mug", "cup")):
            said = {"category": category, "unit_cost": maker.money(may_be_huge=False)}
            _change(maker, "raw_products", {"product_id": product} | said)


def _change(maker: _Maker, dataset: str, values: dict[str, Any]) -> None:
    at = maker.moment() if maker.chance(0.8) else None
    is_deleted = "true" if maker.chance(0.15) else None
    rows: list[Row] = [(dataset, None, values | {"updated_at": at, "is_deleted": is_deleted})]
    if maker.chance(0.15):  # another at the same instant, in the same file
        other = {"is_deleted": None, "updated_at": at, "name": "other", "city": "Rome"}
        shared = "name" if dataset == "raw_products" else "city"
        rows.append((dataset, None, values | {k: other[k] for k in ("updated_at", shared)}))
    on = maker.day(at) if at else maker.pick(*maker.days)
    maker.happen(on, *rows, late=0.25)


def _stock(maker: _Maker) -> None:
    for product in PRODUCTS:
        at = maker.utc(datetime.combine(maker.days[0] - timedelta(1), time(9)))
        _move(maker, product, "receipt", 1000, at, "main")
        if maker.chance(0.3):
            day = maker.pick(*maker.days)
            counted = {"product_id": product, "warehouse_id": "main", "counted_on": day}
            held = {"quantity_on_hand": maker.random.randint(900, 1100)}
            maker.happen(day, ("raw_inventory_counts", None, counted | held))


def _move(
    maker: _Maker, product: str, kind: str, quantity: int, at: datetime, warehouse: str = "main"
) -> None:
    number = f"m{len(maker.happenings)}"
    told = {"product_id": product, "kind": kind, "quantity": quantity, "moved_at": at}
    row = {"movement_id": number, "warehouse_id": warehouse} | told
    maker.happen(maker.day(at), ("raw_inventory_movements", number, row))


def _order(maker: _Maker, placed: datetime | None = None, customer: str | None = None) -> None:
    """An order with its states, payments, parcels and refunds."""
    maker.orders += 1
    number = str(maker.orders)
    placed = placed or maker.moment(1)
    items = list(_items(maker, number))
    goods = sum((_net(item) for item in items if item["line_kind"] == "product"), Decimal(0))
    discounted = (goods / maker.pick(3, 7, 11)).quantize(maker.unit) if maker.chance(0.5) else None
    head = {
        "order_id": number,
        "ordered_at": placed,
        "customer_id": customer or maker.pick(None, "a", "b"),
        "channel": maker.pick(None, "web"),
        "campaign_id": maker.pick(None, "c1"),
        "ship_country_name": maker.pick(*COUNTRIES),
        "shipping_amount": maker.money(may_be_huge=False) if maker.chance(0.5) else None,
        "order_discount_amount": discounted,
    }
    _states(maker, head, items, placed)
    _payments(maker, number, items, placed)
    _parcels(maker, number, placed)
    for item in items:
        if item["line_kind"] == "product":
            _move(maker, item["product_id"], "sale", -item["quantity"], placed)
    if not discounted and maker.chance(0.5):
        _refund(maker, head, items)


def _items(maker: _Maker, order: str) -> Iterator[dict[str, Any]]:
    count = maker.random.randint(1, 4)
    kinds = ["product", *(maker.pick(*["product"] * 4, *OTHER_KINDS) for _ in range(count - 1))]
    for number, kind in enumerate(kinds, 1):
        price = maker.money(1)
        sign = -1 if kind == "discount" else 1
        yield {
            "order_id": order,
            "line_number": number,
            "line_kind": kind,
            "product_id": maker.pick(*PRODUCTS) if kind == "product" else None,
            "quantity": maker.random.randint(1, 3) if kind == "product" else 1,
            "unit_price": sign * min(price, 500 * maker.unit if sign < 0 else price),
            "discount_amount": maker.unit if maker.chance(0.2) and sign > 0 else None,
            "tax_amount": 2 * maker.unit if maker.chance(0.3) and sign > 0 else None,
        }


OTHER_KINDS = ("shipping", "fee", "discount", "gift_card")


def _net(item: dict[str, Any]) -> Decimal:
    return item["quantity"] * item["unit_price"] - (item["discount_amount"] or 0)


def _states(
    maker: _Maker, head: dict[str, Any], items: list[dict[str, Any]], placed: datetime
) -> None:
    """Each state is a version of the order, with all lines; it may be cancelled and revived."""
    states = maker.pick(
        ("paid",), ("paid", "delivered"), ("created", "paid", "shipped", "delivered"),
        ("paid", "cancelled"), ("voided",), ("cancelled", "paid", "cancelled"),
    )  # fmt: skip
    at = placed
    for state in states:
        told = at if maker.chance(0.9) else None
        rows: list[Row] = [
            ("raw_orders", head["order_id"], head | {"status": state, "updated_at": told}),
            *(("raw_order_items", head["order_id"], item) for item in items),
        ]
        if maker.whole_documents or maker.chance(0.9):
            maker.happen(maker.day(at), *rows)
        else:  # head and lines come in files of their own
            maker.happen(maker.day(at), *rows[:1])
            maker.happen(maker.day(at), *rows[1:])
        at += timedelta(maker.random.randint(0, 20), hours=maker.random.randint(0, 23))


def _payments(maker: _Maker, order: str, items: list[dict[str, Any]], placed: datetime) -> None:
    """By card after a decline, the rest with a gift card; one may be given back later."""
    due = max(sum((_net(item) for item in items), Decimal(0)), maker.unit)
    part = (due / 3).quantize(maker.unit)
    paid = [("declined", "card", due), ("captured", "card", due - part)]
    paid.append((maker.pick("captured", "authorised"), "gift card", part))
    for n, (status, method, amount) in enumerate(paid[maker.pick(0, 1, 2) :]):
        key = f"p{order}-{n}"
        at = maker.pick(None, placed, placed - timedelta(hours=30), placed + timedelta(hours=30))
        row = {"payment_id": key, "order_id": order, "method": method, "amount": amount}
        told = {"status": status, "paid_at": at}
        maker.happen(maker.day(placed), ("raw_payments", key, row | told))
        if status == "captured" and maker.chance(0.2):
            back = {"status": "refunded", "paid_at": at}
            on = maker.day(placed) + timedelta(9)
            maker.happen(on, ("raw_payments", key, row | back))


def _parcels(maker: _Maker, order: str, placed: datetime) -> None:
    """An order leaves in parts; a parcel is told again when it has arrived."""
    for n in range(maker.random.randint(0, 2)):
        key = f"s{order}-{n}"
        left = placed + timedelta(n + 1)
        row = {"shipment_id": key, "order_id": order, "carrier": maker.pick(None, "dhl")}
        row |= {"shipped_at": left, "promised_on": maker.pick(None, maker.day(left))}
        maker.happen(maker.day(left), ("raw_shipments", key, row))
        if maker.chance(0.6):
            arrived = left + timedelta(maker.random.randint(0, 40))
            told = row | {"delivered_at": arrived}
            maker.happen(maker.day(arrived), ("raw_shipments", key, told))


def _refund(maker: _Maker, head: dict[str, Any], items: list[dict[str, Any]]) -> None:
    """Half of a line, or all that is left of the order; an exchange is followed by an order."""
    order, item = head["order_id"], maker.pick(*items)
    at = maker.pick(head["ordered_at"] + timedelta(maker.random.randint(0, 50)), maker.moment())
    key = {"refund_id": f"r{order}", "line_number": 1, "order_id": order, "refunded_at": at}
    back = maker.pick("true", None)
    whole = {"quantity": 0, "amount": 0, "is_whole_order": "true", "is_restocked": back}
    half = (_net(item) / 2).quantize(maker.unit, "ROUND_DOWN")
    part = {
        "line_kind": item["line_kind"],
        "product_id": item["product_id"],
        "quantity": maker.pick(0, 1),
        "amount": half,
        "tax_amount": maker.unit if item["tax_amount"] else None,
        "is_restocked": back,
    }
    row = key | (whole if maker.chance(0.25) else part)
    maker.happen(maker.day(at), ("raw_refunds", key["refund_id"], row))
    if item["product_id"] and back:
        _move(maker, item["product_id"], "return", 1, at)
    if maker.chance(0.3) and maker.orders < len(PRODUCTS) + 2:  # exchanged for something else
        _order(maker, at, head["customer_id"])


def _credit_note(maker: _Maker) -> None:
    at = maker.moment()
    row = {
        "refund_id": "credit",
        "line_number": 1,
        "line_kind": maker.pick("product", "fee"),
        "product_id": maker.pick(*PRODUCTS),
        "customer_id": maker.pick(None, "a"),
        "country_name": maker.pick(*COUNTRIES),
        "quantity": maker.pick(1, -1),
        "amount": maker.pick(1, 1, -1) * maker.money(),
        "refunded_at": at,
    }
    maker.happen(maker.day(at), ("raw_refunds", "credit", row))


def _marketing(maker: _Maker) -> None:
    """A campaign that moves to another channel, what it cost, and who came by it."""
    for channel in maker.pick((), ("email",), ("email", "search", "email")):
        row = {"campaign_id": "c1", "channel": channel, "budget_amount": "100"}
        maker.happen(maker.pick(*maker.days), ("raw_campaigns", None, row))
    for day in sorted(set(maker.random.choices(maker.days, k=2))):
        for _ in range(maker.pick(1, 1, 2)):  # told again with another cost
            spent = {"spend_amount": maker.money(may_be_huge=False), "clicks": maker.pick(0, 30)}
            row = {"campaign_id": "c1", "spend_on": day} | spent
            maker.happen(day, ("raw_campaign_spend", None, row))
    for visitor in ("v", "w"):
        _visit(maker, visitor)


def _visit(maker: _Maker, visitor: str) -> None:
    """A visit that ends at any step, and the purchase of its cart hours later or never."""
    at, steps = maker.moment(), ("product_view", "add_to_cart", "checkout_start", "purchase")
    known = {"visitor_id": visitor, "customer_id": maker.pick(None, "a", "b")}
    came = {"utm_campaign": maker.pick(None, "c1"), "utm_medium": maker.pick(None, "email")}
    for n, kind in enumerate(steps[: maker.random.randint(1, len(steps))]):
        at += timedelta(minutes=maker.pick(1, 20, 40, 60 * 23))
        row = {"event_id": f"{visitor}{n}", "occurred_at": at, "kind": kind} | known | came
        told = {"order_id": "1"} if kind == "purchase" else {}
        maker.happen(maker.day(at), ("raw_events", None, row | told))
