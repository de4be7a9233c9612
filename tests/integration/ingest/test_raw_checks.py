"""The checks over the lake: each goes red when what it guards is broken."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from asset_checks import raw
from ecom_assets.contracts import load_contracts
from ecom_assets.feeds import shipped_feeds
from ecom_assets.ingest import read_csv
from ecom_assets.ingest.intake import take_in
from ecom_assets.ingest.parts import QUARANTINE
from ecom_assets.stores import Stores, save_stores
from ecom_assets.warehouse.generation import current_generation
from ecom_assets.warehouse.sources import raw_connection
from tests.integration.ingest.lake import DAY, HEADER, NOW, Lake, line

ORDERS = raw.contract_holds(load_contracts()["raw_orders"])
WRONG = line("536366", quantity="six")
COLUMNS = HEADER.strip().split(",")
LOSES_THE_LAST_RECORD = """
    create or replace temp table numbered as
    select f.file_no, s.rowid as position, s.rowid + 2 as source_row
    from scanned as s join scanned_files as f on s.filename = f.path
    where s.rowid < (select max(rowid) from scanned)
"""


def without(*columns: str) -> str:
    """Returns a file of one line that lacks these columns."""
    kept = [at for at, name in enumerate(COLUMNS) if name not in columns]
    values = line().split(",")
    return "".join(",".join(row[at] for at in kept) + "\n" for row in (COLUMNS, values))


def test_an_empty_lake_is_green(lake: Lake) -> None:
    checks = [raw.files_reconcile, raw.rejected_share_within_limit, raw.files_readable, ORDERS]
    checks += [raw.columns_known, raw.columns_kept]
    assert all(lake.verdict(check).passed for check in checks)


# Identity 1


def test_accepted_and_quarantined_rows_add_up(lake: Lake) -> None:
    verdict = lake.load(line(), WRONG, "x").verdict(raw.files_reconcile)
    assert verdict.passed
    assert verdict.blocking


def test_a_line_that_no_part_holds_any_more_is_missed(lake: Lake) -> None:
    lake.load(line(), line(), line())
    lake.tamper("raw_order_items", "from part where source_row <> 3")
    verdict = lake.verdict(raw.files_reconcile)
    assert not verdict.passed
    assert verdict.message.startswith("2 places where delivered rows are not all either")
    row, *_ = verdict.rows
    assert (row["file"], row["delivered_rows"], row["accepted_rows"]) == (DAY, 3, 2)


def test_what_a_batch_holds_is_counted_until_a_part_of_it_is_another_file(lake: Lake) -> None:
    """Every load counted every row of the lake's history: half a second for one year."""
    lake.load(line())
    assert lake.verdict(raw.files_reconcile).passed
    with raw_connection(lake.home, lake.stores) as connection:
        connection.execute("update staging.state.counted_files set accepted_rows = 7")
    assert not lake.verdict(raw.files_reconcile).passed
    stat = Path(lake.paths("raw_orders")[0]).stat()
    os.utime(lake.paths("raw_orders")[0], ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert lake.verdict(raw.files_reconcile).passed


def test_batches_are_counted_in_lots_that_fit_into_memory(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three years were counted at once, and could not be loaded with 1 GB."""
    lake.load(line(), line())
    lake.load(line("536366"), name="2010-12-02.csv")
    whole = counted(lake)
    assert len(whole) == 2
    monkeypatch.setattr("ecom_assets.warehouse.file_counts._ROWS_AT_ONCE", 1)
    with raw_connection(lake.home, lake.stores) as connection:
        connection.execute("delete from staging.state.counted_files")
    assert counted(lake) == whole


def counted(lake: Lake) -> list[tuple[object, ...]]:
    with raw_connection(lake.home, lake.stores) as connection:
        return connection.execute("from staging.state.counted_files order by all").fetchall()


def test_a_check_writes_nothing(lake: Lake) -> None:
    """The check itself kept the counts that it judged, as state of the warehouse."""
    lake.load(line())
    with raw_connection(lake.home, lake.stores) as connection:
        connection.execute("delete from staging.state.counted_files")
        assert not raw.files_reconcile(connection).passed
        held = connection.execute("select count(*) from staging.state.counted_files").fetchone()
    assert held == (0,)
    assert lake.verdict(raw.files_reconcile).passed


def test_a_part_replaced_after_it_was_judged_is_judged_again(lake: Lake) -> None:
    lake.load(line(), line(), line())
    assert lake.verdict(raw.files_reconcile).passed
    lake.tamper("raw_order_items", "select * replace (2 as source_row) from part")
    assert not lake.verdict(raw.files_reconcile).passed


def test_a_file_replaced_or_taken_out_is_counted_no_longer(lake: Lake) -> None:
    lake.load(line(), line()).load(line(), name="2011-08-08.csv")
    assert lake.verdict(raw.files_reconcile).passed
    assert lake.load(line()).verdict(raw.files_reconcile).passed


def test_a_row_that_feeds_several_datasets_counts_once(lake: Lake) -> None:
    lake.load(line())
    assert len(lake.rows("raw_products")) == len(lake.rows("raw_orders")) == 1
    assert lake.verdict(raw.files_reconcile).passed


def test_a_row_lost_in_one_dataset_and_held_in_another_is_noticed(lake: Lake) -> None:
    """A line that fed an order and its item was accounted for while either of them was there."""
    lake.load(line(), line("536366"))
    lake.tamper("raw_order_items", "from part limit 1")
    _, row = lake.verdict(raw.files_reconcile).rows
    assert row == {"dataset": "raw_order_items", "accepted_rows": 2, "held_rows": 1}


@pytest.mark.parametrize(
    "sql",
    [
        "from part union all from part",
        "from part where false",
        "select * replace (source_row + 1 as source_row) from part union all from part",
    ],
)
def test_a_doubled_lost_or_added_quarantine_row_is_noticed(lake: Lake, sql: str) -> None:
    lake.load(line(), WRONG, line("536367"))
    lake.tamper(QUARANTINE, sql)
    assert not lake.verdict(raw.files_reconcile).passed


def test_a_quarantine_row_in_place_of_another_is_noticed(lake: Lake) -> None:
    lake.load(line(), WRONG, WRONG)
    lake.tamper(QUARANTINE, "select * replace (3 as source_row) from part")
    (row,) = lake.verdict(raw.files_reconcile).rows
    assert (row["accepted_rows"], row["quarantined_rows"]) == (1, 2)


def test_a_quarantine_row_that_became_an_accepted_one_is_noticed(lake: Lake) -> None:
    lake.load(line(), WRONG)
    lake.tamper(QUARANTINE, "from part where false")
    lake.tamper("raw_orders", "from part union all select * replace (3 as source_row) from part")
    row, *_ = lake.verdict(raw.files_reconcile).rows
    assert (row["delivered_rows"], row["accepted_rows"], row["quarantined_rows"]) == (2, 1, 0)


def test_a_rejected_row_that_also_lies_in_the_lake_is_noticed(lake: Lake) -> None:
    lake.load(line(), WRONG)
    lake.tamper("raw_orders", "from part union all select * replace (3 as source_row) from part")
    assert not lake.verdict(raw.files_reconcile).passed


def test_a_line_that_only_its_order_holds_is_missed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is dated by its first line, which hid that the feed's SQL left that line out."""
    feed = shipped_feeds()["online_retail"]
    items = f"select * from ({feed.sql['raw_order_items']}) where source_row <> 2"
    leaky = feed.model_copy(update={"sql": {**feed.sql, "raw_order_items": items}})
    monkeypatch.setitem(shipped_feeds(), "online_retail", leaky)
    verdict = lake.load(line(), line()).verdict(raw.files_reconcile)
    (row,) = verdict.rows
    assert (row["delivered_rows"], row["accepted_rows"]) == (2, 1)


def test_lines_that_the_reader_lost_are_missed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records are counted a second time in the file itself."""
    monkeypatch.setattr(read_csv, "_NUMBER_RECORDS", LOSES_THE_LAST_RECORD)
    (row,) = lake.load(line(), line()).verdict(raw.files_reconcile).rows
    assert (row["delivered_rows"], row["accepted_rows"]) == (2, 1)


@pytest.mark.parametrize("count", [3, 2000])
def test_the_lines_that_a_stray_quote_swallows_are_all_rejected(lake: Lake, count: int) -> None:
    """They counted as one rejected row, which no limit noticed."""
    stray = line().replace("536365,", '"536365,', 1)
    lake.load(*([line()] * 2), stray, *([line()] * (count - 1)))
    assert lake.verdict(raw.files_reconcile).passed
    (row, *_) = lake.verdict(raw.rejected_share_within_limit).rows
    assert (row["delivered_rows"], row["quarantined_rows"]) == (count + 2, count)


def test_rows_of_a_file_that_was_never_delivered_are_noticed(lake: Lake) -> None:
    lake.load(line())
    lake.tamper("raw_orders", "from part union all select * replace ('x' as source_file) from part")
    row, *_ = lake.verdict(raw.files_reconcile).rows
    assert (row["file"], row["delivered_rows"]) == (None, None)


def test_deliveries_of_a_store_that_was_removed_are_left_out(lake: Lake) -> None:
    """Their rows stayed in the lake's views and their files did not: the check was red for good."""
    lake.load(line())
    lake.stores = Stores(stores={"another": lake.stores.stores["shop"]})
    save_stores(lake.home, lake.stores)
    assert lake.verdict(raw.files_reconcile).passed
    assert current_generation(lake.home).parts == ()


def test_a_home_may_be_called_like_a_pattern(tmp_path: Path) -> None:
    """`shop [1]` was taken for a pattern that matches `shop 1`, and no part was found."""
    lake = Lake(tmp_path / "shop [1]*").load(line())
    assert lake.verdict(raw.files_reconcile).passed


def test_a_store_in_another_currency_without_rates_is_warned_of(lake: Lake) -> None:
    assert lake.verdict(raw.rates_delivered).passed
    lake.stores = lake.stores.model_copy(update={"reporting_currency": "EUR"})
    verdict = lake.verdict(raw.rates_delivered)
    assert (verdict.passed, verdict.blocking) == (False, False)
    assert verdict.rows[0]["store_id"] == "shop"


# The share of rejected rows


@pytest.mark.parametrize(("limit", "is_green"), [(24, False), (25, True), (0, False), (100, True)])
def test_the_rejected_share_may_reach_its_limit(lake: Lake, limit: float, is_green: bool) -> None:
    strict = Lake(lake.home.root.parent / "strict", max_rejected_pct=limit)
    strict.load(line(), line(), line(), WRONG)
    verdict = strict.verdict(raw.rejected_share_within_limit)
    assert (verdict.passed, verdict.blocking) == (is_green, True)


def test_examples_are_rejected_rows_of_the_deliveries_over_the_limit(lake: Lake) -> None:
    """They were the first of all rejected rows, also of feeds and deliveries within their limit."""
    lake.load(*[line()] * 99, WRONG, name="2011-08-01.csv")
    lake.deliver({DAY: HEADER + WRONG + "\n"})
    take_in(lake.home, lake.stores, None, "run", now=NOW + timedelta(days=1))
    delivery, *examples = lake.verdict(raw.rejected_share_within_limit).rows
    assert delivery["delivered_rows"] == 1
    assert [(row["file"], row["source_row"]) for row in examples] == [(DAY, 2)]


def test_five_percent_is_the_limit_where_nobody_says_otherwise(lake: Lake) -> None:
    lake.load(*[line()] * 19, WRONG)
    assert lake.verdict(raw.rejected_share_within_limit).passed
    lake.load(*[line()] * 18, WRONG)
    assert not lake.verdict(raw.rejected_share_within_limit).passed


def test_the_share_is_that_of_a_run_and_not_of_a_file(lake: Lake) -> None:
    lake.deliver({DAY: HEADER + WRONG + "\n", "2011-08-08.csv": HEADER + f"{line()}\n" * 19})
    lake.take_in()
    assert lake.verdict(raw.rejected_share_within_limit).passed


def test_files_set_aside_do_not_count_in_the_share(lake: Lake) -> None:
    lake.deliver({DAY: b"", "2011-08-08.csv": HEADER})
    lake.take_in()
    assert lake.verdict(raw.rejected_share_within_limit).passed


# Files and columns


@pytest.mark.parametrize("is_required", [False, True])
def test_a_file_set_aside_blocks_where_its_feed_is_required(lake: Lake, is_required: bool) -> None:
    store = Lake(lake.home.root.parent / "other", required=is_required)
    store.deliver({DAY: b""})
    store.take_in()
    verdict = store.verdict(raw.files_readable)
    assert (verdict.passed, verdict.blocking) == (False, is_required)
    assert verdict.rows[0]["message"] == "the file is empty (0 bytes): deliver it again"


def test_an_unknown_column_is_a_warning(lake: Lake) -> None:
    lake.deliver({DAY: HEADER.rstrip() + ",Till\n" + line() + ",7\n"})
    lake.take_in()
    verdict = lake.verdict(raw.columns_known)
    assert (verdict.passed, verdict.blocking) == (False, False)
    assert verdict.rows[0]["extra_columns"] == 1
    assert lake.rows("raw_orders")[0]["overflow"] == '{"Till":"7"}'


def test_the_first_few_files_of_a_warning_are_named_with_their_columns(lake: Lake) -> None:
    """A warning told how many files had unknown columns: neither which files nor which columns."""
    content = HEADER.rstrip() + ",Till,Shelf\n" + line() + ",7,1\n"
    lake.deliver({f"2011-08-0{day}.csv": content for day in range(1, 6)})
    lake.take_in()
    assert lake.verdict(raw.columns_known).message == (
        "5 files with columns that feed.yaml does not name; their values are kept as overflow: "
        "shop/online_retail/2011-08-01.csv (Till, Shelf), "
        "shop/online_retail/2011-08-02.csv (Till, Shelf), "
        "shop/online_retail/2011-08-03.csv (Till, Shelf) and 2 more"
    )


# Columns that vanish


def test_a_column_that_earlier_files_had_is_missed_by_name(lake: Lake) -> None:
    """Tax went from 16,488 to 0 without a word: the new export had no such column any more."""
    lake.load(line())
    assert lake.verdict(raw.columns_kept).passed
    lake.deliver({"2011-08-08.csv": without("Description", "CustomerID")})
    lake.take_in()
    verdict = lake.verdict(raw.columns_kept)
    assert (verdict.passed, verdict.blocking, verdict.found) == (False, False, 1)
    assert "shop/online_retail/2011-08-08.csv (Description, CustomerID). Del" in verdict.message
    assert verdict.rows[0]["columns"] == "Description, CustomerID"


@pytest.mark.parametrize("day_before", [without("CustomerID"), b""])
@pytest.mark.parametrize("day", [without("CustomerID"), HEADER])
def test_a_column_that_no_file_had_before_is_not_missed(
    lake: Lake, day_before: str | bytes, day: str
) -> None:
    lake.deliver({"2011-08-06.csv": day_before, DAY: day})
    lake.take_in()
    assert lake.verdict(raw.columns_kept).passed


@pytest.mark.parametrize("between", [[], [b""], [HEADER, b"", HEADER]])
def test_a_column_that_the_replaced_file_had_is_missed_until_it_is_back(
    lake: Lake, between: list[bytes | str]
) -> None:
    """Of a file that comes again under its name, the lake holds only the newest version."""
    lake.load(line())
    for content in [*between, without("CustomerID"), without("CustomerID", "Description")]:
        lake.deliver({DAY: content})
        lake.take_in()
    (row,) = lake.verdict(raw.columns_kept).rows
    assert (row["file"], row["columns"]) == (DAY, "Description, CustomerID")
    assert lake.load(line()).verdict(raw.columns_kept).passed


def test_a_missed_column_stays_missed_when_its_file_is_read_anew(lake: Lake) -> None:
    lake.load(line())
    lake.deliver({DAY: without("CustomerID")})
    lake.take_in()
    store = lake.stores.stores["shop"].model_copy(update={"timezone": "Europe/Paris"})
    lake.stores = Stores(stores={"shop": store})
    assert lake.take_in().loaded
    assert lake.verdict(raw.columns_kept).rows[0]["columns"] == "CustomerID"


# Contracts


def test_a_part_whose_required_column_was_emptied_breaks_its_contract(lake: Lake) -> None:
    lake.load(line(), line("536366"))
    assert lake.verdict(ORDERS).passed
    lake.tamper("raw_orders", "select * replace (null::timestamp as ordered_at) from part")
    verdict = lake.verdict(ORDERS)
    assert (verdict.passed, verdict.blocking, len(verdict.rows)) == (False, True, 2)
    assert verdict.name == "raw_orders:contract_holds"
    assert verdict.message == "2 rows of raw_orders without order_id, ordered_at"


def test_no_more_than_five_rows_are_shown(lake: Lake) -> None:
    lake.load(*(line(f"{no}") for no in range(7)))
    lake.tamper("raw_orders", "select * replace (null::varchar as order_id) from part")
    verdict = lake.verdict(ORDERS)
    assert verdict.message.startswith("7 rows")
    assert len(verdict.rows) == 5


@pytest.mark.parametrize("contract", load_contracts().values(), ids=lambda c: c.dataset)
def test_every_dataset_has_its_check_also_without_rows(week_lake: Lake, contract: object) -> None:
    assert week_lake.verdict(raw.contract_holds(contract)).passed  # type: ignore[arg-type]
