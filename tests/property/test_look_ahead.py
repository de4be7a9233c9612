"""A later event changes no row outside the reach its model declares; one that does is found."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import pytest

from ecom_assets.feeds import shipped_feeds
from tests.harness.company import Company, CompanyLoad
from tests.harness.look_ahead import Tail, tails, undeclared
from tests.property.change_log import File, feed
from tests.property.made_up_deliveries import content, files_of, store_of
from tests.property.made_up_past import Past, past_of
from tests.property.made_up_shop import REPORTING, Happening, MadeUpShop, made_up_shop

pytestmark = [pytest.mark.integration, pytest.mark.deep]

SHOPS = range(40)
MAY = date(2024, 5, 1)
# A shop whose orders are alike, so that products are bought together and cohorts grow old.
REGULAR = MadeUpShop(
    number=len(SHOPS),
    timezone="Europe/London",
    currency="GBP",
    whole_documents=False,
    happenings=tuple(
        Happening(
            (MAY + timedelta(days)),
            (
                (
                    "raw_orders",
                    None,
                    {
                        "order_id": f"{days} {n}",
                        "customer_id": f"{days}",
                        "ordered_at": datetime.combine(MAY + timedelta(days), time(12)),
                    },
                ),
                *(
                    (
                        "raw_order_items",
                        None,
                        {"order_id": f"{days} {n}", "line_number": line, "product_id": f"P{line}"}
                        | {"quantity": "1", "unit_price": "9"},
                    )
                    for line in (1, 2)
                ),
            ),
        )
        for days in (-95, -10, 5, 40)
        for n in range(6)
    ),
    unpriced=frozenset(),
    next_month=MAY,
)
SHOPS_BY_NAME = {f"shop_{number}": made_up_shop(number) for number in SHOPS} | {"regular": REGULAR}


@dataclass(frozen=True)
class Builds:
    """Many shops, each up to a month's end, and with what came later."""

    before: Company
    after: Company
    later_from: dict[str, date]


def load(pasts: dict[str, Past], *, with_later: bool) -> CompanyLoad:
    """Returns the files of shops; the first of the later month has come in any case."""
    files: dict[str, dict[str, bytes]] = {}
    for name, past in pasts.items():
        held = [*past.before, *(past.later if with_later else ())]
        named = {file.name: file for file in files_of(held)}
        begun = File(past.later_from, "-begun", ())
        files[name] = content(named | {begun.name: begun})
    return CompanyLoad(files)


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builds]:
    pasts = {name: past_of(shop, shop.next_month) for name, shop in SHOPS_BY_NAME.items()}
    stores = {name: store_of(shop) for name, shop in SHOPS_BY_NAME.items()}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("rows", "documents"):
            patch.setitem(shipped_feeds(), name, feed(name, whole_documents=name == "documents"))
        with (
            Company(tmp_path_factory.mktemp("before"), stores, REPORTING) as before,
            Company(tmp_path_factory.mktemp("after"), stores, REPORTING) as after,
        ):
            assert before.run(load(pasts, with_later=False))
            assert after.run(load(pasts, with_later=True))
            yield Builds(before, after, {name: past.later_from for name, past in pasts.items()})


def found(builds: Builds, tail: Tail) -> list[tuple[object, ...]]:
    return undeclared(tail, builds.before.warehouse, builds.after.warehouse, builds.later_from)


@pytest.mark.parametrize("name", sorted(tails()))
def test_a_later_event_changes_no_row_outside_the_declared_reach(builds: Builds, name: str) -> None:
    assert found(builds, tails()[name]) == []


@pytest.mark.parametrize("name", sorted(tails()))
def test_a_model_that_counts_what_comes_later_is_found(builds: Builds, name: str) -> None:
    """Whatever model it is: there are rows before, and rows that come later."""
    tail = tails()[name]
    latest = f"max({tail.column}) over (partition by store_id) as latest_on"
    assert found(builds, replace(tail, sql=f"select *, {latest} from ({tail.sql})"))


def test_a_model_that_declares_less_than_it_looks_ahead_is_found(builds: Builds) -> None:
    carts = tails()["kpi_cart_abandonment"]
    assert carts.look_ahead_days > 0
    assert found(builds, replace(carts, look_ahead_days=0))


def test_a_model_that_looks_further_than_it_declares_is_found(builds: Builds) -> None:
    """A cart is looked after for a day; here for a hundred."""
    carts = tails()["kpi_cart_abandonment"]
    longer = carts.sql.replace("interval '24' hour", "interval '2400' hour")
    assert longer != carts.sql
    assert found(builds, replace(carts, sql=longer))


def test_a_month_that_takes_the_present_version_of_a_campaign_is_found(builds: Builds) -> None:
    """It did: a campaign that changed in June had another key in May, if May was built anew."""
    months = tails()["kpi_campaign_performance"]
    present = months.sql.replace("dated.month_end_at", "timestamp '9999-01-01'")
    assert present != months.sql
    assert found(builds, replace(months, sql=present))


def test_what_comes_later_rewrites_no_month_before(builds: Builds) -> None:
    """The day from which tables are rewritten is that of the earliest that came, not an earlier.

    A refund or payment of an order may rewrite the month of the day before it, for their days are
    looked up in UTC.
    """
    pasts = {name: past_of(shop, shop.next_month) for name, shop in SHOPS_BY_NAME.items()}
    assert builds.before.run(load(pasts, with_later=True))
    rebuilt = dict(
        builds.before.warehouse.connection.execute(
            "select store_id, least(changed_on, rebuild_on) from staging.main.rebuild_from"
        ).fetchall()
    )
    assert rebuilt.keys() == pasts.keys()
    early = {name for name, day in rebuilt.items() if day < builds.later_from[name]}
    assert early <= {name for name, past in pasts.items() if is_looked_up_in_utc(past)}
    assert len(early) < len(SHOPS) / 4
    assert builds.before.warehouse.digests() == builds.after.warehouse.digests()


def is_looked_up_in_utc(past: Past) -> bool:
    """Whether a refund or payment came within two days of the month's beginning."""
    near = past.later_from + timedelta(2)
    return any(
        row.get(column) and row[column].date() <= near
        for happening in past.later
        for _, _, row in happening.rows
        for column in ("refunded_at", "paid_at")
    )
