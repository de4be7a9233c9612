"""What is found out of a sample: what its columns mean, of which types they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from ecom_assets.feed_draft.column_types import (
    DATES,
    LOCAL_TIMES,
    MOMENTS,
    NUMBERS,
    Fit,
    Kind,
    best_fit,
    dressed_in,
    nulls_in,
)
from ecom_assets.feed_draft.decimal_marks import mark_of, usual_mark
from ecom_assets.feed_draft.kinds import BARE, Columns, kind_of
from ecom_assets.feed_draft.sample import Sample
from ecom_assets.feed_draft.words import compound_meanings, known_states, meanings

AMOUNTS = (
    *("refund_amount", "payment_amount", "unit_price", "unit_cost", "amount", "discount_amount"),
    *("order_discount_amount", "tax_amount", "shipping_amount", "quantity"),
)
TIMES = ("ordered_at", "refunded_at", "paid_at", "created_at", "updated_at")
DAYS = ("birth_on", *TIMES)
# What a dataset requires comes of one of these: a column that is empty in the sample is none.
REQUIRED = frozenset(
    {
        *("order_id", "ordered_at", "quantity", "unit_price", "amount", "customer_id"),
        *("product_id", "refund_id", "refunded_at", "refund_amount", "payment_id", "paid_at"),
        *("payment_amount", "created_at"),
    }
)
MOST_STATES = 30
STATE_OR_REGION = ("state", "estado", "stato")


@dataclass(frozen=True)
class Findings:
    """What is known of a sample's columns.

    Attributes:
        sample: The sample.
        kind: What kind of export it is.
        place: Where the column of each meaning stands, from 0.
        mark: The decimal mark.
        mark_remark: What is to be told of it, if anything.
        nulls: Words in it that stand for nothing.
        fits: Types of the columns whose meaning wants one, by place.
        guesses: What columns without a meaning look like, by place.
        misfits: Meanings of headers whose values are not of their type, by place.
        dressed: A number that is not read as it is written, by place: $10.00, 1,000.50.
        complete: Columns that say something in every row that is not blank.
        is_dated_once: Whether lines of an order leave its time to another line of it.
    """

    sample: Sample
    kind: str
    place: dict[str, int]
    mark: str
    mark_remark: str | None = None
    nulls: Sequence[str] = ()
    fits: dict[int, Fit] = field(default_factory=dict)
    guesses: dict[int, Fit] = field(default_factory=dict)
    misfits: dict[int, str] = field(default_factory=dict)
    dressed: dict[int, str] = field(default_factory=dict)
    complete: frozenset[int] = frozenset()
    is_dated_once: bool = False

    def name(self, meaning: str) -> str:
        """Returns the feed's name of the column of a meaning."""
        return self.sample.feed.columns[self.place[meaning]].name

    @property
    def remarks(self) -> list[str]:
        """What its values leave open, and was taken one way."""
        told = [self.mark_remark] if self.mark_remark else []
        columns = self.sample.feed.columns
        told += [
            f"{columns[at].header}: {example} is not read as it is written, nor are numbers like "
            "it: declare the column as text, and take signs of currencies and separators of "
            "thousands away under `derived` (see docs/bring-your-own-store.md)"
            for at, example in self.dressed.items()
        ]
        return told + [
            f"{columns[at].header}: its days are taken as {fit.kind.format}, and fit "
            f"{' and '.join(fit.rivals)} as well: see its `format`"
            for at, fit in self.fits.items()
            if fit.rivals
        ]


def look(sample: Sample, connection: duckdb.DuckDBPyConnection) -> Findings:
    """Finds out what the columns mean and of which type they are."""
    headers = [column.header for column in sample.feed.columns]
    empty = _empty_columns(connection, headers)
    place = _meanings(sample, headers, empty)
    _drop_other_states(connection, headers, place)
    kind = kind_of(place)
    _take_bare(headers, kind, place, empty)
    compounds = compound_meanings(headers, place)
    numbers = [f"d{at}" for meaning, at in place.items() if meaning in AMOUNTS]
    days = [f"d{at}" for meaning, at in place.items() if meaning in DAYS]
    usual = usual_mark(connection, days, sample.feed.delimiter)
    mark = mark_of(connection, numbers, sample.feed.format, usual)
    dressed = {
        at: example
        for meaning, at in place.items()
        if meaning in AMOUNTS and (example := dressed_in(connection, f"d{at}", mark.mark))
    }
    found = Findings(sample, kind, place, mark.mark, mark.remark, dressed=dressed)
    for meaning, at in list(place.items()):
        if not (types := _types_of(meaning)):
            continue
        if fit := best_fit(connection, f"d{at}", types, found.mark):
            found.fits[at] = fit
        elif _count(connection, f"trim(d{at}) <> ''"):
            if meaning not in compounds:  # that a compound is one was a guess
                found.misfits[at] = meaning
            del place[meaning]
        else:
            found.fits[at] = Fit(NUMBERS[1] if meaning == "quantity" else types[0], 0, 0)
    if "time_of_day" in place and not _has_its_time(connection, found):
        del place["time_of_day"]
    for at in {*range(len(headers))} - {*place.values()}:
        if guess := best_fit(connection, f"d{at}", (*NUMBERS, *LOCAL_TIMES), found.mark):
            found.guesses[at] = guess
    nulls = nulls_in(connection, [f"d{at}" for at in found.fits])
    return replace(
        found,
        nulls=nulls,
        complete=_complete_columns(connection, headers),
        is_dated_once=_is_dated_once(connection, found),
    )


def _empty_columns(connection: duckdb.DuckDBPyConnection, headers: Sequence[str]) -> set[int]:
    return {at for at, _ in enumerate(headers) if not _count(connection, f"trim(d{at}) <> ''")}


def _complete_columns(
    connection: duckdb.DuckDBPyConnection, headers: Sequence[str]
) -> frozenset[int]:
    """Returns the columns that every row fills; a row of separators alone tells nothing of them."""
    said = " or ".join(f"trim(d{at}) <> ''" for at, _ in enumerate(headers))
    gaps = (
        _count(connection, f"({said}) and trim(coalesce(d{at}, '')) = ''")
        for at, _ in enumerate(headers)
    )
    return frozenset(at for at, blanks in enumerate(gaps) if not blanks)


def _is_dated_once(connection: duckdb.DuckDBPyConnection, found: Findings) -> bool:
    order, time = found.place.get("order_id"), found.place.get("ordered_at")
    if found.kind != "order_lines" or order is None or time is None:
        return False
    row = connection.execute(
        f"select count(*) from (select 1 from delivered where trim(d{order}) <> '' "
        f"group by trim(d{order}) "
        f"having count(nullif(trim(d{time}), '')) between 1 and count(*) - 1)"
    ).fetchone()
    return bool(row and row[0])


def _meanings(sample: Sample, headers: Sequence[str], empty: Collection[int]) -> dict[str, int]:
    """Returns what columns mean; one without a value in the sample is none that must have one."""
    place = meanings(headers, empty)
    taken = {*place.values()}
    for meaning, at in meanings(headers).items():
        if meaning not in place and meaning not in REQUIRED and at not in taken:
            place[meaning] = at
    if sample.feed.format == "jsonl":  # of `order.sku` the last name may tell what it is
        last = meanings([header.rsplit(".", maxsplit=1)[-1] for header in headers], empty)
        taken = {*place.values()}
        place |= {m: at for m, at in last.items() if m not in place and at not in taken}
    lowered = ["" if at in empty else header.lower() for at, header in enumerate(headers)]
    if "order_id" not in place and "name" in lowered and "lineitem name" in lowered:
        place["order_id"] = lowered.index("name")  # Shopify's: #1001
    if "order_id" in place and "ordered_at" not in place and "created_at" in place:
        place["ordered_at"] = place.pop("created_at")
    return place


def _drop_other_states(
    connection: duckdb.DuckDBPyConnection, headers: Sequence[str], place: dict[str, int]
) -> None:
    """Takes a column `State` for a region, unless it holds states of orders."""
    if "status" in place and headers[place["status"]].lower() in STATE_OR_REGION:
        told = _states(connection, place["status"])
        if not known_states("order_states", told) and not known_states("payment_states", told):
            at = place.pop("status")
            place.setdefault("region", at)


def _take_bare(
    headers: Sequence[str], kind: str, place: dict[str, int], empty: Collection[int]
) -> None:
    """Adds what headers such as ``id`` mean in this kind of export."""
    lowered = ["" if at in empty else header.lower() for at, header in enumerate(headers)]
    for meaning, words in BARE[kind].items():
        at = next((lowered.index(word) for word in words if word in lowered), None)
        if meaning not in place and at is not None and at not in place.values():
            place[meaning] = at


def _types_of(meaning: str) -> Sequence[Kind]:
    """Returns the types in question for a meaning; none where any text will do."""
    if meaning == "line_number":
        return NUMBERS[:1]
    if meaning == "birth_on":
        return DATES
    if meaning in TIMES:
        return MOMENTS
    if meaning == "quantity":
        return NUMBERS
    return NUMBERS[1:] if meaning in AMOUNTS else ()


def columns_of(found: Findings, connection: duckdb.DuckDBPyConnection) -> Columns:
    """Returns the columns that mean something, with what the SQL has to know of their values."""
    codes: list[str] = []
    if "country" in found.place:
        source = f"trim(d{found.place['country']})"
        if not _count(
            connection, f"{source} <> '' and not regexp_full_match({source}, '[A-Z]{{2}}')"
        ):
            codes.append("country")
    negative = [
        meaning
        for meaning, at in found.place.items()
        if meaning in AMOUNTS
        and _count(connection, f"trim(d{at}) like '-%'") * 2
        > _count(connection, f"trim(d{at}) <> ''")
    ]
    states: dict[str, dict[str, str]] = {}
    if "status" in found.place:
        told = _states(connection, found.place["status"])
        states = {kind: known_states(kind, told) for kind in ("order_states", "payment_states")}
    names = {meaning: found.name(meaning) for meaning in found.place}
    return Columns(names, codes, states, negative, {*found.misfits.values()})


def _has_its_time(connection: duckdb.DuckDBPyConnection, found: Findings) -> bool:
    """Whether the orders have days only, and a column with their times of day beside them."""
    day, time = found.place.get("ordered_at"), found.place["time_of_day"]
    if day is None or found.fits[day].kind.type != "local_timestamp":
        return False
    is_time = f"try_cast(trim(d{time}) as time) is not null"
    times, others = (
        _count(connection, f"trim(d{time}) <> '' and {condition}")
        for condition in (is_time, f"not ({is_time})")
    )
    return times > others and not _count(connection, f"contains(d{day}, ':')")


def _states(connection: duckdb.DuckDBPyConnection, at: int) -> list[str]:
    rows = connection.execute(
        f"select distinct d{at} as state from delivered "
        f"where trim(state) <> '' order by 1 limit {MOST_STATES}"
    ).fetchall()
    return [str(state) for (state,) in rows]


def _count(connection: duckdb.DuckDBPyConnection, condition: str) -> int:
    row = connection.execute(f"select count(*) from delivered where {condition}").fetchone()
    return int(row[0]) if row else 0
