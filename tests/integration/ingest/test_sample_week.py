"""From the inbox to the lake: the sample week, delivered once, again, in part and differently."""

import csv
import gzip
import os
import shutil
from collections import Counter
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from ecom_assets.contracts import load_contracts
from ecom_assets.duck import scratch_connection
from ecom_assets.errors import ConfigurationError
from ecom_assets.feeds import shipped_feeds
from ecom_assets.ingest import judging, load, plan
from ecom_assets.ingest.intake import stale_months, take_in, waiting
from ecom_assets.ingest.journal import append_to_journal, read_journal
from ecom_assets.ingest.landing import land, scan_inbox
from ecom_assets.ingest.manifest import read_manifests
from ecom_assets.ingest.parts import QUARANTINE, remove_unlisted_parts
from ecom_assets.progress import Step, listening
from ecom_assets.stores import Store, Stores, save_stores
from ecom_assets.warehouse.generation import current_generation
from tests.harness.files import SAMPLE_WEEK
from tests.integration.ingest.lake import DAY, HEADER, NOW, Lake, line

LINES = [
    row
    for content in SAMPLE_WEEK.values()
    for row in csv.DictReader(content.decode().splitlines(keepends=True))
]


def test_every_line_of_the_week_is_accepted(week_lake: Lake) -> None:
    files = week_lake.files()
    assert {name: file.rows for name, file in files.items()} == {
        name: len(content.splitlines()) - 1 for name, content in SAMPLE_WEEK.items()
    }
    assert sum(file.rows for file in files.values()) == 8189
    assert week_lake.quarantine() == []


def test_the_week_fills_six_datasets(week_lake: Lake) -> None:
    assert week_lake.counts() == {
        "raw_customers": 359,
        "raw_inventory_movements": 4,
        "raw_order_items": 8019,
        "raw_orders": 316,
        "raw_products": 4887,
        "raw_refunds": 166,
    }


def test_the_counts_are_those_of_a_plain_reading_of_the_files(week_lake: Lake) -> None:
    counts = week_lake.counts()
    notes = [row for row in LINES if row["InvoiceNo"].startswith("C")]
    sales = [r for r in LINES if not r["InvoiceNo"].startswith("C") and int(r["Quantity"]) > 0]
    assert counts["raw_refunds"] == len(notes)
    assert counts["raw_order_items"] == len(sales)
    assert counts["raw_inventory_movements"] == len(LINES) - len(notes) - len(sales)
    assert counts["raw_orders"] == len({row["InvoiceNo"] for row in sales})
    assert counts["raw_customers"] == len(
        {(row["InvoiceNo"], row["CustomerID"]) for row in LINES if row["CustomerID"]}
    )
    assert counts["raw_products"] == len(
        {(row["InvoiceDate"][:10], row["StockCode"].strip().upper()) for row in LINES}
    )


def test_manifests_count_the_rows_of_their_parts(week_lake: Lake) -> None:
    (august,) = week_lake.manifests().values()
    assert {part.dataset: part.rows for part in august.parts} == week_lake.counts()


def test_every_row_says_where_it_comes_from(week_lake: Lake) -> None:
    row = week_lake.rows("raw_order_items")[0]
    lineage = [row[k] for k in ("store_id", "feed", "document_id", "source_file", "source_row")]
    assert lineage == ["shop", "online_retail", "562563", DAY, 2]
    assert row["delivered_on"] == date(2011, 8, 7)
    assert row["landed_at"] == NOW.replace(tzinfo=None)
    assert row["overflow"] is None


def test_a_second_load_lands_and_reads_nothing(lake: Lake) -> None:
    lake.load(line())
    before = lake.manifests()
    second = lake.take_in()
    assert (second.landed, second.loaded, second.unrecognised) == ((), (), ())
    assert lake.manifests() == before


def test_a_replaced_file_replaces_its_rows(lake: Lake) -> None:
    lake.load(line(), line(code="B"))
    old = lake.paths("raw_order_items")
    lake.load(line(code="C"))
    assert [row["product_id"] for row in lake.rows("raw_order_items")] == ["C"]
    assert lake.paths("raw_order_items") != old


def test_content_that_comes_back_is_read_again(lake: Lake) -> None:
    for code in "ABA":
        lake.load(line(code=code))
    assert [row["product_id"] for row in lake.rows("raw_order_items")] == ["A"]
    assert lake.files()[DAY].seq == 3


def test_a_new_file_leaves_the_parts_of_the_others_alone(lake: Lake) -> None:
    lake.load(line())
    old = lake.parts("raw_orders")
    lake.load(line("536366"), name="2011-08-08.csv")
    assert lake.parts("raw_orders")[0] == old[0]
    assert set(lake.files()) == {DAY, "2011-08-08.csv"}
    assert {row["order_id"] for row in lake.rows("raw_orders")} == {"536365", "536366"}


def test_files_read_in_one_batch_are_read_again_when_one_of_them_is_replaced(lake: Lake) -> None:
    lake.deliver(SAMPLE_WEEK)
    lake.take_in()
    lake.deliver({DAY: HEADER + line() + "\n"})
    (month,) = lake.take_in().loaded
    assert len(month.files) == 7
    assert lake.files()[DAY].rows == 1
    assert sum(file.rows for file in lake.files().values()) == 8189 - 541 + 1


def test_small_batches_give_the_rows_of_one_large_one(
    week_lake: Lake, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "BATCH_BYTES", 150_000)
    lake.deliver(SAMPLE_WEEK)
    lake.take_in()
    assert len(lake.parts("raw_refunds")) > 1
    for dataset in week_lake.counts():
        assert lake.rows(dataset) == week_lake.rows(dataset)


def test_packed_files_make_batches_by_what_they_hold(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their packed size, twenty times as much was held at once as a batch may have."""
    monkeypatch.setattr(load, "BATCH_BYTES", 150_000)
    lake.deliver({f"{name}.gz": gzip.compress(text) for name, text in SAMPLE_WEEK.items()})
    (month,) = lake.take_in().loaded
    assert len({file.batch for file in month.files}) == len(SAMPLE_WEEK)


def test_a_file_found_unreadable_behind_its_header_is_set_aside_alone(lake: Lake) -> None:
    feed = shipped_feeds()["online_retail"].model_copy(update={"encoding": "latin-1"})
    lake.deliver({DAY: (HEADER + line() + "\n" + line(description="\u20ac")).encode("cp1252")})
    lake.deliver({"2011-08-08.csv": HEADER + line() + "\n"})
    land(lake.home, scan_inbox(lake.home, lake.stores, NOW)[0], NOW)
    (month,) = stale_months(lake.home, lake.stores)
    store = lake.stores.stores["shop"]
    with scratch_connection(lake.home) as database:
        loaded = load.Loaded()
        of_month = {month.month: loaded}
        reading = load.Reading(lake.home, store, feed, [month], "run", "", database, of_month)
        load._load_batch(reading, month.read)
    assert [(f.status, f.rows, f.batch is None) for f in loaded.files] == [
        ("set_aside", 0, True),
        ("loaded", 1, False),
    ]
    assert {part.rows for part in loaded.parts} == {1}


def test_a_file_that_fills_nothing_has_no_part(lake: Lake) -> None:
    lake.load()
    assert (lake.files()[DAY].status, lake.files()[DAY].rows) == ("loaded", 0)
    assert lake.counts() == {}


# Parts that nobody lists


def test_parts_that_no_manifest_lists_are_removed(lake: Lake) -> None:
    lake.load(line())
    stale = lake.paths("raw_orders")[0]
    lake.load(line(code="B"))
    listed = {part.path for m in lake.manifests().values() for part in m.parts}
    assert remove_unlisted_parts(lake.home, listed) == 4
    assert not Path(stale).exists()
    assert [row["product_id"] for row in lake.rows("raw_order_items")] == ["B"]


def test_parts_that_are_still_needed_stay(lake: Lake) -> None:
    lake.load(line())
    old = {part.path for m in lake.manifests().values() for part in m.parts}
    lake.load(line(code="B"))
    new = {part.path for m in lake.manifests().values() for part in m.parts}
    assert remove_unlisted_parts(lake.home, old | new) == 0


# Ranges of months, and what is waiting

SEPTEMBER = "2011-09-01.csv"


def test_what_waits_is_known_without_changing_anything(lake: Lake) -> None:
    lake.deliver({DAY: HEADER, SEPTEMBER: HEADER, "readme.txt": "x"})
    found = waiting(lake.home, lake.stores, NOW)
    assert found.months == ("2011-08", "2011-09")
    assert [other.path.name for other in found.unrecognised] == ["readme.txt"]
    assert not lake.home.landing.exists()


def test_months_out_of_range_are_landed_and_wait(lake: Lake) -> None:
    lake.deliver({DAY: HEADER, SEPTEMBER: HEADER})
    intake = lake.take_in(("2011-09", "2011-09"))
    assert [delivery.name for delivery in intake.landed] == [DAY, SEPTEMBER]
    assert [month.plan.month for month in intake.loaded] == ["2011-09"]
    found = waiting(lake.home, lake.stores, NOW)
    assert (found.arrivals, found.months) == ((), ("2011-08",))


def test_files_still_being_written_are_left_in_the_inbox(lake: Lake) -> None:
    lake.deliver({DAY: HEADER})
    changed_at = 1_312_700_000_123_456_789
    os.utime(lake.inbox / DAY, ns=(changed_at, changed_at))
    assert lake.take_in(settled_before=changed_at - 1).landed == ()
    assert len(lake.take_in(settled_before=changed_at).landed) == 1


def move_to_september(lake: Lake) -> None:
    """Notes the newest delivery again, a month later, as a feed that is dated by landing would."""
    newest = read_journal(lake.home.journal)[-1]
    moved = newest._replace(seq=newest.seq + 1, delivered_on=date(2011, 9, 7))
    append_to_journal(lake.home.journal, [moved])


def test_a_file_that_moves_to_another_month_leaves_the_old_one(lake: Lake) -> None:
    lake.load(line())
    move_to_september(lake)
    loaded = lake.take_in().loaded
    assert [month.plan.month for month in loaded] == ["2011-09", "2011-08"]
    assert [row["delivered_on"] for row in lake.rows("raw_orders")] == [date(2011, 9, 7)]
    assert lake.manifests()["2011-08"].files == ()


def test_the_old_month_is_emptied_also_when_only_the_new_one_is_asked_for(lake: Lake) -> None:
    lake.load(line())
    move_to_september(lake)
    assert len(lake.take_in(("2011-09", "2011-09")).loaded) == 2
    assert len(lake.rows("raw_orders")) == 1


@pytest.mark.parametrize("month", ["2011-08", "2011-10"])
def test_the_old_month_keeps_the_file_until_the_new_one_has_it(lake: Lake, month: str) -> None:
    """A run over the old month alone dropped the rows until somebody ran the new one."""
    lake.load(line())
    lake.load(line("536366"), name="2011-10-01.csv")
    move_to_september_first(lake)
    assert lake.take_in((month, month)).loaded == ()
    assert len(lake.rows("raw_orders")) == 2


def move_to_september_first(lake: Lake) -> None:
    """As :func:`move_to_september`, for the first delivery."""
    first, second = read_journal(lake.home.journal)
    moved = first._replace(seq=second.seq + 1, delivered_on=date(2011, 9, 7))
    append_to_journal(lake.home.journal, [moved])


def test_a_changed_clock_reads_everything_again(lake: Lake) -> None:
    lake.load(line())
    paris = Store(currency="GBP", timezone="Europe/Paris", feeds=lake.stores.stores["shop"].feeds)
    lake.stores = Stores(stores={"shop": paris})
    save_stores(lake.home, lake.stores)
    lake.take_in()
    (order,) = lake.rows("raw_orders")
    assert f"{order['ordered_at']}" == "2011-08-07 08:24:00"


def test_a_store_that_is_no_more_keeps_what_it_has(lake: Lake) -> None:
    lake.load(line())
    assert stale_months(lake.home, Stores()) == []


def test_the_present_is_the_default(lake: Lake) -> None:
    lake.deliver({f"{datetime.now(UTC):%Y-%m-%d}.csv": HEADER})
    assert len(take_in(lake.home, lake.stores, None, "run").landed) == 1


def test_progress_counts_files_landed_and_months_read(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "TOGETHER_BYTES", 0)
    lake.deliver({DAY: HEADER, SEPTEMBER: HEADER})
    steps: list[Step] = []
    with listening(steps.append):
        lake.take_in()
    assert [(step.stage, step.done, step.total) for step in steps] == [
        ("land", 0, 2),
        ("land", 2, 2),
        ("load", 0, 2),
        ("load", 1, 2),
        ("load", 2, 2),
    ]
    assert Counter(step.what for step in steps[3:]) == {"2011-08": 1, "2011-09": 1}


def test_months_read_together_are_as_if_read_apart(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = line(price="dear")
    days = {
        DAY: HEADER + line() + "\n" + broken + "\n",
        "2011-08-08.csv": HEADER + line(invoice="2") + "\n",
        SEPTEMBER: HEADER + line(invoice="3") + "\n",
        "2011-10-01.csv": HEADER + broken + "\n",
    }
    lake.deliver(days)
    monkeypatch.setattr(plan, "TOGETHER_BYTES", 0)
    lake.take_in()
    apart = read_manifests(lake.home.manifests)
    rows = {name: lake.rows(name) for name in ("raw_orders", "raw_order_items", QUARANTINE)}
    shutil.rmtree(lake.home.manifests)
    monkeypatch.undo()
    (months,) = plan.read_together(stale_months(lake.home, lake.stores))
    assert [month.month for month in months] == ["2011-08", "2011-09", "2011-10"]
    lake.take_in()
    assert read_manifests(lake.home.manifests) == apart
    assert {name: lake.rows(name) for name in rows} == rows


def test_a_feed_whose_sql_yields_a_column_of_no_contract_is_told_so(lake: Lake) -> None:
    sql = {"raw_orders": "select 1 as file_no, 2 as source_row, 'x' as order_id, 'red' as colour"}
    feed = shipped_feeds()["online_retail"].model_copy(update={"sql": sql})
    with (
        scratch_connection(lake.home) as connection,
        pytest.raises(ConfigurationError, match=r"orders.sql yields colour, which is no column of"),
    ):
        judging.judge_dataset(connection, feed, load_contracts()["raw_orders"])


def test_a_changed_feed_of_the_home_reads_its_files_anew(lake: Lake) -> None:
    """With everything else: its SQL counts, and what it says of blocking."""
    lake.load(line(), line(code="B"))
    shipped = Path(str(files("ecom_assets.feeds"))) / "online_retail"
    own = lake.home.feeds / "online_retail"
    shutil.copytree(shipped, own)
    lake.take_in()
    assert stale_months(lake.home, lake.stores) == []  # the same, wherever it lies
    before = current_generation(lake.home).id
    (own / "feed.yaml").write_text((own / "feed.yaml").read_text() + "max_rejected_pct: 1\n")
    assert stale_months(lake.home, lake.stores) == []
    assert current_generation(lake.home).id != before
    sql = (
        (own / "order_items.sql").read_text().replace("l.quantity,", "l.quantity * 2 as quantity,")
    )
    (own / "order_items.sql").write_text(sql)
    assert [file.rows for month in lake.take_in().loaded for file in month.files] == [2]
    assert {row["quantity"] for row in lake.rows("raw_order_items")} == {12}
    shutil.rmtree(own)
    lake.take_in()
    assert {row["quantity"] for row in lake.rows("raw_order_items")} == {6}


def test_a_feed_that_changes_amid_a_load_is_not_taken_for_the_one_before(lake: Lake) -> None:
    """Its rows would have the mark of the feed as it was: changed back, nobody read them anew."""
    lake.deliver({DAY: HEADER + line() + "\n"})
    land(lake.home, scan_inbox(lake.home, lake.stores, NOW)[0], NOW)
    (month,) = stale_months(lake.home, lake.stores)
    own = lake.home.feeds / "online_retail"
    shutil.copytree(Path(str(files("ecom_assets.feeds"))) / "online_retail", own)
    (own / "orders.sql").write_text((own / "orders.sql").read_text() + "-- changed\n")
    with (
        scratch_connection(lake.home) as database,
        pytest.raises(ConfigurationError, match="was changed while the load was under way"),
    ):
        load.load_months(lake.home, lake.stores.stores["shop"], [month], "run", database)
    assert lake.counts() == {}


def test_a_month_that_is_held_is_brought_up_to_date_outside_the_range(lake: Lake) -> None:
    """A range left other months on the clock they had been read on, and was published."""
    lake.load(line(at="2011-07-31 23:30:00"), name="2011-07-31.csv")
    (before,) = lake.rows("raw_orders")
    lake.stores = Stores(
        stores={"shop": lake.stores.stores["shop"].model_copy(update={"timezone": "Asia/Tokyo"})}
    )
    lake.take_in(("2011-08", "2011-08"))
    (after,) = lake.rows("raw_orders")
    assert after["ordered_at"] != before["ordered_at"]


def test_a_packed_day_is_the_same_day(lake: Lake) -> None:
    day = SAMPLE_WEEK["2011-08-07.csv"]
    lake.deliver({"2011-08-07.csv": day, "2011-08-08.csv.gz": gzip.compress(day)})
    lake.take_in()
    plain, packed = lake.files()["2011-08-07.csv"], lake.files()["2011-08-08.csv.gz"]
    assert (packed.rows, packed.quarantined) == (plain.rows, 0)
    assert list((lake.home.scratch).glob("tmp*")) == []
