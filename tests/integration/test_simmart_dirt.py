"""What a load says of dirty deliveries is what the simulated shop knows of its dirt, exactly."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ecom_assets.contracts import load_contracts
from ecom_assets.duck import list_literal
from ecom_assets.feeds import shipped_feeds
from ecom_assets.home import Home
from ecom_assets.ingest.intake import Intake, take_in
from ecom_assets.ingest.journal import read_journal
from ecom_assets.ingest.manifest import read_manifests
from ecom_assets.setup_home import add_store
from ecom_assets.simmart.delivery import deliver
from ecom_assets.simmart.dirt import USUAL
from ecom_assets.simmart.plan import MARKETS, Plan, Scale
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.tables import TABLES
from ecom_assets.stores import load_stores
from tests.harness.warehouse import Warehouse

pytestmark = [pytest.mark.integration, pytest.mark.deep]

SMALL = Scale(
    customers=300, products=120, stocked=80, orders=1_500, campaigns=40, visits=400, days=30
)
PLAN = Plan("shop", 3, SMALL, date(2026, 3, 10), 30, MARKETS[0], "EUR")


@dataclass(frozen=True)
class Loaded:
    """A home into which one dirty delivery was loaded.

    Attributes:
        home: The home.
        truth: The dirt of the delivery.
        intake: What the load says of it.
    """

    home: Home
    truth: pl.DataFrame
    intake: Intake

    def parts(self, dataset: str) -> list[str]:
        """The files that the lake's manifests list of a dataset."""
        return [
            str(self.home.lake / part.path)
            for manifest in read_manifests(self.home.manifests).values()
            for part in manifest.parts
            if part.dataset == dataset
        ]

    @property
    def rejected(self) -> pl.DataFrame:
        """The quarantine."""
        return pl.read_parquet(self.parts("quarantine"))

    def scalar(self, sql: str, dataset: str) -> int:
        """What a query over a raw dataset yields."""
        rows = f"read_parquet({list_literal(self.parts(dataset))})"
        with duckdb.connect() as connection:
            row = connection.execute(sql.format(rows=rows)).fetchone()
        assert row
        return int(row[0])


def load(home: Home, plan: Plan, first_day: int = 0) -> Loaded:
    """Delivers and loads the days of a plan from one of them on."""
    for feed in TABLES:
        add_store(home, plan.store, feed, plan.market.currency, plan.market.timezone)
    found = deliver(Shop(plan), lambda feed: home.feed_inbox(plan.store, feed), first_day)
    evening = datetime.combine(plan.end, time(23, 59), UTC)
    intake = take_in(home, load_stores(home), None, "test", now=evening)
    return Loaded(home, pl.concat(kind.dirt for kind in found), intake)


@pytest.fixture(scope="module")
def day_by_day(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """All kinds of dirt at once, delivered and loaded every evening."""
    home = Home(tmp_path_factory.mktemp("dirty"))
    rates = dict.fromkeys(USUAL, 0.03) | {"header": 0.06, "late": 0.4}  # most come after the end
    plan = replace(PLAN, dirt=rates)
    loads = [load(home, replace(plan, days=day + 1), day) for day in range(plan.days)]
    loaded = tuple(month for one in loads for month in one.intake.loaded)
    landed = tuple(delivery for one in loads for delivery in one.intake.landed)
    return replace(loads[-1], intake=Intake(landed, loaded, ()))


def files_set_aside(loaded: Loaded, says: str) -> int:
    """How many files the manifests of the lake hold as set aside for a reason."""
    files = [file for m in read_manifests(loaded.home.manifests).values() for file in m.files]
    return sum(str(file.message).startswith(says) for file in files if file.status == "set_aside")


def rejected(loaded: Loaded, rule: str) -> int:
    """How many rows of the quarantine a rule has rejected."""
    return loaded.rejected.filter(pl.col("rule") == rule).height


def late_deliveries(loaded: Loaded) -> int:
    """How many deliveries the journal holds that landed on a later day than their own."""
    return sum(d.landed_at.date() > d.delivered_on for d in read_journal(loaded.home.journal))


def rows_twice(loaded: Loaded) -> int:
    """How many rows are in their file twice, which history and facts take once."""
    feeds = set(TABLES) - {"simmart_events"}
    return sum(
        loaded.scalar(TWICE.format(columns=_columns(dataset)), dataset)
        for feed in feeds
        for dataset in shipped_feeds()[feed].sql
    )


def _columns(dataset: str) -> str:
    return ", ".join(f'"{column.name}"' for column in load_contracts()[dataset].columns)


TWICE = "select count(*) - count(distinct ({columns}, source_file)) from {{rows}}"
OTHER_DAY = (
    "select count(*) from (select any_value(occurred_at) as occurred_at, "
    "any_value(delivered_on) as delivered_on from {rows} group by event_id having count(*) = 1) "
    f"where cast(timezone('{PLAN.market.timezone}', timezone('UTC', occurred_at)) as date) "
    "<> delivered_on"
)
REPORTED: dict[str, Callable[[Loaded], int]] = {
    "encoding": lambda loaded: files_set_aside(loaded, "the file is in UTF-16"),
    "header": lambda loaded: files_set_aside(loaded, "the header lacks "),
    "late": late_deliveries,
    "duplicates": rows_twice,
    "missing": lambda loaded: rejected(loaded, "required"),
    "malformed": lambda loaded: rejected(loaded, "type"),
    "unknown": lambda loaded: (
        rejected(loaded, "one_of")
        + loaded.scalar("select count(*) from {rows} where product_id = 'P0'", "raw_order_items")
    ),
    "skew": lambda loaded: loaded.scalar(OTHER_DAY, "raw_events"),
    "repeats": lambda loaded: loaded.scalar(
        "select count(*) - count(distinct event_id) from {rows}", "raw_events"
    ),
}


@pytest.mark.parametrize("kind", USUAL)
def test_as_much_dirt_of_each_kind_is_reported_as_there_is(day_by_day: Loaded, kind: str) -> None:
    """But for files that come after the end: nobody has seen those yet."""
    has_come = pl.col("arrives_on") <= PLAN.end
    truth = day_by_day.truth.filter((pl.col("kind") == kind) & has_come)
    assert truth.height > 10
    assert REPORTED[kind](day_by_day) == truth.height


def dirty(kind: str, rate: float = 0.05) -> Plan:
    return replace(PLAN, dirt={kind: rate})


def set_aside(loaded: Loaded) -> list[tuple[str, str, str]]:
    """Feed, file and message of all files set aside."""
    return sorted(
        (month.plan.feed, file.name, str(file.message))
        for month in loaded.intake.loaded
        for file in month.files
        if file.status == "set_aside"
    )


@pytest.mark.parametrize(
    ("kind", "rule"), [("missing", "required"), ("malformed", "type"), ("unknown", "one_of")]
)
def test_dirty_rows_are_in_quarantine_by_their_rule_but_unknown_products(
    tmp_path: Path, kind: str, rule: str
) -> None:
    loaded = load(Home(tmp_path), dirty(kind))
    place = ["feed", "source_file", "source_row"]
    is_accepted = (pl.col("column_name") == "sku") & (kind == "unknown")
    truth = loaded.truth.rename({"file": "source_file"}).filter(~is_accepted).select(place)
    assert truth["feed"].n_unique() == (4 if kind == "unknown" else len(TABLES))
    assert loaded.rejected.select(place).sort(place).equals(truth.sort(place))
    assert set(loaded.rejected["rule"]) == {rule}
    assert set_aside(loaded) == []
    unknown_products = "select count(*) from {rows} where product_id = 'P0'"
    accepted = loaded.truth.height - truth.height
    assert loaded.scalar(unknown_products, "raw_order_items") == accepted
    assert (accepted > 50) == (kind == "unknown")


@pytest.mark.parametrize(
    ("kind", "says"), [("header", "the header lacks "), ("encoding", "the file is in UTF-16")]
)
def test_dirty_files_are_set_aside_with_the_reason(tmp_path: Path, kind: str, says: str) -> None:
    loaded = load(Home(tmp_path), dirty(kind, 0.1))
    told = set_aside(loaded)
    assert len(told) > 20
    truth = loaded.truth["feed", "file", "column_name"].rows()
    assert [(feed, file) for feed, file, _ in told] == sorted((f, name) for f, name, _ in truth)
    columns = {(feed, file): column or "" for feed, file, column in truth}
    for feed, file, message in told:
        assert message.startswith(says + columns[feed, file])
    assert sum(file.quarantined for month in loaded.intake.loaded for file in month.files) == 0


def test_duplicates_count_once(tmp_path: Path) -> None:
    loaded = load(Home(tmp_path), dirty("duplicates"))
    counts = dict(loaded.truth.group_by("feed").len().rows())
    few = {"simmart_inventory_counts"}  # a few rows a week: one of them may be a duplicate, or none
    assert set(counts) | few == set(TABLES) - {"simmart_events"}
    for feed, count in counts.items():
        (dataset,) = shipped_feeds()[feed].sql
        assert loaded.scalar(TWICE.format(columns=_columns(dataset)), dataset) == count, feed
    clean = load(Home(tmp_path / "clean"), PLAN)
    with Warehouse(loaded.home) as warehouse, Warehouse(clean.home) as wanted:
        assert warehouse.build()
        assert wanted.build()
        for table in ("fact_sales", "fact_returns", "dim_customers", "dim_products"):
            assert warehouse.rows(table) == wanted.rows(table), table


def test_repeated_events_have_the_id_of_the_first(tmp_path: Path) -> None:
    loaded = load(Home(tmp_path), dirty("repeats"))
    assert loaded.truth.height > 50
    sql = "select count(*) - count(distinct event_id) from {rows}"
    assert loaded.scalar(sql, "raw_events") == loaded.truth.height


def test_skewed_events_are_of_another_day_than_their_file(tmp_path: Path) -> None:
    loaded = load(Home(tmp_path), dirty("skew"))
    assert loaded.truth.height > 50
    local = f"timezone('{PLAN.market.timezone}', timezone('UTC', occurred_at))"
    sql = f"select count(*) from {{rows}} where cast({local} as date) <> delivered_on"
    assert loaded.scalar(sql, "raw_events") == loaded.truth.height


def test_late_files_come_with_a_later_load_and_some_after_the_end(tmp_path: Path) -> None:
    home, plan = Home(tmp_path), dirty("late", 0.5)
    early = replace(plan, days=20)
    load(home, early)
    loaded = load(home, plan, first_day=20)
    landed_now = {(d.feed, d.name) for d in loaded.intake.landed if d.delivered_on <= early.end}
    late = loaded.truth.filter(pl.col("delivered_on") <= early.end)
    came = late.filter(pl.col("arrives_on").is_between(early.end + timedelta(days=1), plan.end))
    missing = late.filter(pl.col("arrives_on") > plan.end)
    assert came.height > 10
    assert missing.height > 10
    assert landed_now == set(came["feed", "file"].rows())
    held = {(path.parent.name, path.name) for path in home.inbox.rglob("*.*")}
    assert held.isdisjoint(missing["feed", "file"].rows())
