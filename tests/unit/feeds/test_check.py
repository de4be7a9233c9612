"""Checking a feed: each fault is a sentence with file, column, row, rule and value."""

import re
from pathlib import Path

import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.feed_check.check import Report, check_feed
from ecom_assets.feed_check.subject import Wanted
from ecom_assets.feed_check.uses import what_stays_empty
from ecom_assets.feed_draft.draft import draft_feed, write_draft
from ecom_assets.home import Home

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "bring-your-own-store.md"
FEED = """
feed: till
description: What a till prints.
owner: team:sales
pattern: '.*\\.csv'
example: till.csv
delivered_on: {from: landed}
columns:
  - {name: id, header: Id, required: true}
  - {name: sold_on, header: Sold, type: local_timestamp, required: true, format: '%d.%m.%Y'}
  - {name: pieces, header: Pieces, type: integer, required: true}
  - {name: price, header: Price, type: money, required: true}
"""
ORDERS = "select file_no, source_row, id as order_id, sold_on as ordered_at from lines"
ITEMS = (
    "select file_no, source_row, id as order_id, 1 as line_number, pieces as quantity, "
    "price as unit_price from lines"
)
HEADER = "Id,Sold,Pieces,Price\n"
GOOD = "{},31.01.2024,2,2.50\n"
MANY = "".join(GOOD.format(no) for no in range(40))


@pytest.fixture
def folder(home: Home) -> Path:
    """The folder of a feed without faults."""
    folder = home.feeds / "till"
    folder.mkdir(parents=True)
    (folder / "feed.yaml").write_text(FEED)
    (folder / "orders.sql").write_text(ORDERS)
    (folder / "order_items.sql").write_text(ITEMS)
    return folder


def checked(home: Home, *contents: str | bytes, **wanted: str) -> Report:
    """Checks the feed over samples of these contents."""
    files = [home.root / f"{no}.csv" for no, _ in enumerate(contents)]
    for path, content in zip(files, contents, strict=True):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return check_feed(home, Wanted("till", files, **wanted))


def change(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


# feed.yaml and SQL


@pytest.mark.usefixtures("folder")
def test_a_feed_without_faults_can_be_loaded(home: Home) -> None:
    report = checked(home, HEADER + MANY)
    assert (report.faults, report.rejected) == ([], [])
    assert "0.csv: 40 rows, accepted 40, rejected 0" in report.told
    assert any(line.startswith("order_items: 40 rows") for line in report.told)


def test_all_faults_of_a_feed_yaml_are_told(home: Home, folder: Path) -> None:
    change(folder / "feed.yaml", "owner: team:sales", "colour: red\nencoding: cp850")
    with pytest.raises(ConfigurationError) as told:
        checked(home)
    for fault in ("owner: Field required", "colour: unknown key", "encoding: Input should be"):
        assert fault in str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("sold_on as", "sold_no as", r"\"sold_no\" not found.*; near 'sold_no': sold_on"),
        ("select", "selct", "orders.sql is no SQL over `lines`: Parser Error: syntax error"),
        ("id as order_id, ", "", "orders.sql does not fill order_id, which raw_orders requires: "),
        ("as ordered_at", "as orderd_at", "yields orderd_at, .* near 'orderd_at': ordered_at"),
        ("as ordered_at", "as orderd_at", "orders.sql does not fill ordered_at"),
        ("sold_on as", "pieces as", "yields ordered_at as BIGINT, .* it is timestamp"),
        ("source_row, ", "", "orders.sql must hand on source_row"),
        ("id as order_id", "seed.code as order_id", "seed"),
    ],
)
def test_a_fault_of_the_sql_is_told(
    home: Home, folder: Path, old: str, new: str, fault: str
) -> None:
    change(folder / "orders.sql", old, new)
    report = checked(home, HEADER + MANY)
    told = "\n".join(report.faults)
    assert re.search(fault, told), told
    assert "samples are read once these faults are mended" in report.told


def test_a_rule_over_an_unknown_column_is_told_with_those_like_it(home: Home, folder: Path) -> None:
    rule = "rules:\n  - {name: some, sql: piece > 0, reason: none}\n"
    (folder / "feed.yaml").write_text(FEED + rule)
    (fault,) = checked(home).faults
    assert fault.startswith("feeds/till/feed.yaml: a rule or derived column is no SQL")
    assert fault.endswith("near 'piece': pieces, price")


def test_a_feed_that_fills_nothing_is_told(home: Home, folder: Path) -> None:
    for path in folder.glob("*.sql"):
        path.unlink()
    assert checked(home).faults == [
        "feeds/till fills no dataset: write one SQL file for each dataset it fills, as orders.sql"
    ]


def test_a_folder_anywhere_is_checked(home: Home, folder: Path) -> None:
    (folder / "sample").mkdir()
    (folder / "sample" / "a.csv").write_text(HEADER + MANY)
    for target in (folder, folder / "feed.yaml"):
        report = check_feed(home, Wanted(str(target)))
        assert "a.csv: 40 rows, accepted 40, rejected 0" in report.told
    with pytest.raises(ConfigurationError, match=r"feed\.yaml is missing: a feed is a folder"):
        check_feed(home, Wanted(str(folder / "sample")))


# Rows


@pytest.mark.parametrize(
    ("line", "column", "rule", "value", "why"),
    [
        ("x,31.01.2024,two,1\n", "Pieces", "type", "two", "Pieces: two is no whole number"),
        ("x,31.01.2024,,1\n", "Pieces", "required", None, "Pieces is missing"),
        ("x,01.31.2024,1,1\n", "Sold", "type", "01.31.2024", "of the format %d.%m.%Y"),
        ("x,31.01.0204,1,1\n", "Sold", "range", "31.01.0204", "not between the years 1995"),
        ("x,31.01.2024,1\n", None, "malformed", "x,31.01.2024,1", "3 of 4 columns"),
        ("x,31.01.2024,99999999999999,1\n", "quantity", "range", "99999999999999.0000", "above"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_rejected_row_is_told_with_file_row_column_rule_and_value(
    home: Home, line: str, column: str | None, rule: str, value: str | None, why: str
) -> None:
    report = checked(home, HEADER + MANY, HEADER + MANY + line)
    (row,) = report.rejected
    assert row[:5] == ("1.csv", 42, column, rule, value)
    assert why in row[5]
    assert report.faults == []  # one of 81 is within the limit
    assert "1.csv: 41 rows, accepted 40, rejected 1" in report.told


@pytest.mark.usefixtures("folder")
def test_of_many_rejected_rows_those_of_each_kind_are_shown(home: Home) -> None:
    """The first twenty were all of one column: mending it showed the next fault only then."""
    wrong = "".join(f"{no},31.01.2024,x,1\n" for no in range(25))
    report = checked(home, HEADER + wrong + "25,no day,1,1\n" + GOOD.format(26))
    assert {row[2] for row in report.rejected} == {"Pieces", "Sold"}
    assert [row[1] for row in report.rejected] == [*range(2, 21), 27]
    assert (len(report.rejected), report.more_rejected) == (20, 6)


@pytest.mark.usefixtures("folder")
def test_more_rejected_rows_than_the_feed_allows_are_a_fault(home: Home) -> None:
    wrong = "".join(f"{no},31.01.2024,x,1\n" for no in range(25))
    report = checked(home, HEADER + MANY + wrong)
    assert report.faults == [
        "38.5 % of the rows are rejected, more than the 5 % of max_rejected_pct"
    ]
    assert (len(report.rejected), report.more_rejected) == (20, 5)
    assert checked(home, HEADER + wrong).faults == ["no row at all is accepted"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,2024-01-31,1,1\n", "hint: Sold: its days are written in two ways"),
        ('a,31.01.2024,1,"2,50"\n', "all of them are numbers with ',' before the decimals"),
        (b"\xfc,31.01.2024,1,1\n", "hint: records are not in utf-8: set `encoding`, perhaps to cp"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_the_likely_cause_is_told(home: Home, content: str | bytes, told: str) -> None:
    more = content.encode() if isinstance(content, str) else content
    report = checked(home, (HEADER + MANY).encode() + more)
    assert any(told in line for line in report.told), report.told


def test_declared_columns_that_a_sample_lacks_are_told(home: Home, folder: Path) -> None:
    """An export without its optional columns was accepted without a word."""
    change(folder / "feed.yaml", "columns:\n", "columns:\n  - {name: tax, header: TVA}\n")
    told = checked(home, HEADER + MANY).told
    assert "0.csv: 40 rows, accepted 40, rejected 0; declared columns that it lacks: TVA" in told


@pytest.mark.usefixtures("folder")
def test_days_of_another_format_altogether_are_told_with_it(home: Home) -> None:
    report = checked(home, HEADER + MANY.replace("31.01.2024", "01/31/2024"))
    assert "hint: Sold: its days are written as %m/%d/%Y: set format: '%m/%d/%Y'" in report.told


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ((HEADER + MANY).replace(",", ";"), "the columns seem to be separated by ';'"),
        (MANY, "does the file begin with a line of their names?"),
        (HEADER.replace("Price", "Cost") + MANY, "the header lacks Price (it has: Id, Sold"),
        ((HEADER + MANY).encode("utf-16"), "the file is in UTF-16, feed 'till' reads utf-8"),
        ("", "the file is empty"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_file_that_would_be_set_aside_is_a_fault(
    home: Home, content: str | bytes, fault: str
) -> None:
    (told, *_) = checked(home, content).faults
    assert told.startswith("0.csv would be set aside: ")
    assert fault in told


def test_a_file_that_would_be_no_delivery_is_a_fault(home: Home, folder: Path) -> None:
    change(folder / "feed.yaml", r"'.*\.csv'", r"'till.*\.csv'")
    (fault,) = checked(home, HEADER).faults
    assert fault.startswith("0.csv would be no delivery: feed 'till' wants names like till.csv")


def test_rows_that_end_nowhere_are_a_fault(home: Home, folder: Path) -> None:
    """A load would find them after reading, with the gate shut."""
    for path in folder.glob("*.sql"):
        path.write_text(path.read_text() + " where id <> '7'")
    (fault,) = checked(home, HEADER + MANY).faults
    assert fault.startswith("1 row would end neither in a dataset nor in quarantine: row 9")


# The store


@pytest.mark.usefixtures("folder")
def test_clock_and_currency_are_those_of_the_store(home: Home) -> None:
    assert "local times are read as UTC" in checked(home).told[1]
    stores = "stores: {shop: {currency: EUR, timezone: Europe/Berlin, feeds: {till: {}}}}"
    home.stores_file.write_text(stores)
    assert checked(home).told[1] == "as a feed of store 'shop': EUR, Europe/Berlin"
    inbox = home.feed_inbox("shop", "till")
    inbox.mkdir(parents=True)
    (inbox / "came.csv").write_text(HEADER + MANY)
    report = check_feed(home, Wanted("till"))
    assert "came.csv: 40 rows, accepted 40, rejected 0" in report.told
    with pytest.raises(ConfigurationError, match=r"no store 'other'\. Known stores: shop"):
        checked(home, store="other")


@pytest.mark.usefixtures("folder")
def test_a_zone_that_is_none_is_told(home: Home) -> None:
    with pytest.raises(ConfigurationError, match="'Mars' is no IANA time zone"):
        checked(home, timezone="Mars")


@pytest.mark.usefixtures("folder")
def test_a_currency_that_is_none_is_told(home: Home) -> None:
    """EURO was told in the words of a regular expression, and EUX not at all."""
    with pytest.raises(ConfigurationError, match="'EUX' is no ISO 4217 currency code"):
        checked(home, currency="EUX")


def test_amounts_in_another_currency_are_rejected(home: Home, folder: Path) -> None:
    (folder / "feed.yaml").write_text(
        FEED + "  - {name: currency, header: Currency}\ncurrency: currency\n"
    )
    content = HEADER.replace("\n", ",Currency\n") + MANY.replace("\n", ",EUR\n")
    assert checked(home, content).faults == []  # in any, as long as none is named
    report = checked(home, content, currency="GBP", timezone="UTC")
    assert report.faults == ["no row at all is accepted"]
    assert report.rejected[0][2:5] == ("Currency", "other_currency", "EUR")


@pytest.mark.usefixtures("folder")
def test_a_check_writes_nothing_into_the_home(home: Home) -> None:
    before = {path for path in home.root.rglob("*") if path.is_file()}
    checked(home, HEADER + MANY)
    after = {path for path in home.root.rglob("*") if path.is_file()} - {home.root / "0.csv"}
    assert before == after


def test_a_check_makes_no_home(home: Home, folder: Path, tmp_path: Path) -> None:
    nowhere = Home(tmp_path / "nowhere")
    sample = tmp_path / "a.csv"
    sample.write_text(HEADER + MANY)
    assert check_feed(nowhere, Wanted(str(folder), [sample])).faults == []
    assert not nowhere.root.exists()


def test_of_many_samples_the_last_are_read(home: Home, folder: Path) -> None:
    (folder / "sample").mkdir()
    for no in range(22):
        (folder / "sample" / f"{no:02}.csv").write_text(HEADER + GOOD.format(no))
    told = checked(home).told
    assert "read are the last 20 of 22 samples" in told
    assert "21.csv: 1 row, accepted 1, rejected 0" in told
    assert "01.csv: 1 row, accepted 1, rejected 0" not in told


# What the guide says to do

RETURNED = "Order ID,Date,SKU,Qty,Price,Status\nA,2024-01-02,x,1,1.50,Retoure\n" + (
    "A,2024-01-02,x,1,1.50,Retoure\nB,2024-01-03,x,1,2.50,paid\n"
)


@pytest.fixture
def sample(home: Home) -> Path:
    """Orders of which one came back, with a line twice; their feed is drafted."""
    path = home.root / "orders.csv"
    path.write_text(RETURNED)
    write_draft(home, "mine", draft_feed(home, "mine", path))
    return path


def test_a_state_that_is_none_is_mapped_and_its_order_is_a_refund(home: Home, sample: Path) -> None:
    folder = home.feeds / "mine"
    rejected = check_feed(home, Wanted("mine", [sample])).rejected
    assert "status: Retoure is none of created, paid, shipped" in rejected[0][5]
    change(folder / "orders.sql", "when 'paid'", "when 'Retoure' then 'delivered' when 'paid'")
    (recipe,) = re.findall(r"^```sql\n(.*?)^```$", GUIDE.read_text("utf-8"), re.M | re.S)
    (folder / "refunds.sql").write_text(recipe)
    report = check_feed(home, Wanted("mine", [sample]))
    assert (report.faults, report.rejected) == ([], [])
    assert any(line.startswith("refunds: 1 row;") for line in report.told)


def test_a_line_that_comes_twice_counts_nothing_but_is_not_left_out(
    home: Home, sample: Path
) -> None:
    """What the SQL leaves out ends nowhere: a load would be refused."""
    change(sample, "Retoure", "paid")
    lines = home.feeds / "mine" / "order_items.sql"
    whole = lines.read_text()
    lines.write_text(f"{whole}where not is_duplicate")
    (fault,) = check_feed(home, Wanted("mine", [sample])).faults
    assert fault.startswith("1 row would end neither in a dataset nor in quarantine: row 3")
    lines.write_text(whole.replace("qty as", "case when is_duplicate then 0 else qty end as"))
    assert check_feed(home, Wanted("mine", [sample])).faults == []


# What stays empty


def test_what_stays_empty_is_told_with_the_column_that_would_fill_it() -> None:
    told = (
        "stays empty: kpi_product_performance, kpi_basket_pairs "
        "(no feed of the store fills order_items.product_id)"
    )
    assert told in what_stays_empty({"order_items"})
    assert told not in what_stays_empty({"order_items.product_id"})


def test_cancellations_without_a_moment_are_told_to_count_on_the_day_of_their_delivery() -> None:
    """The returns of a year were all on one day, that of its export, without a word."""
    told = (
        "assumed: each cancellation counts on the day of the delivery that first tells it "
        "(no feed of the store fills orders.updated_at)"
    )
    assert told in what_stays_empty({"orders", "orders.status"})
    assert told not in what_stays_empty({"orders", "orders.status", "orders.updated_at"})
    assert told not in what_stays_empty({"orders"})
