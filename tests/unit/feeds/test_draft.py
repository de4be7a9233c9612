"""Drafting a feed from a sample: what is drafted is a feed, and says what could not be guessed."""

import gzip
import re
from pathlib import Path

import duckdb
import openpyxl
import pytest
import yaml

from ecom_assets.errors import ConfigurationError
from ecom_assets.feed_check.check import Report, check_feed
from ecom_assets.feed_check.subject import Wanted
from ecom_assets.feed_draft.draft import Draft, draft_feed, write_draft
from ecom_assets.feed_draft.names import naming_of
from ecom_assets.feed_draft.words import column_names, meanings
from ecom_assets.feeds import Feed, load_feed
from ecom_assets.home import Home
from tests.unit.feeds.samples import OWN_STORE, SHIPPED, TEXTS, written

MISSING = {
    "jaffle_orders.csv": {"order_items": ["unit_price"]},
    "returns.csv": {"orders": ["ordered_at"], "order_items": ["unit_price"]},
    "unknown.csv": {
        "orders": ["order_id", "ordered_at"],
        "order_items": ["order_id", "quantity", "unit_price"],
    },
    "select.csv": {"orders": ["ordered_at"], "order_items": ["unit_price"]},
    "bestellungen_2024-03-31.csv": {"order_items": ["unit_price"]},
}


def drafted(home: Home, path: Path) -> tuple[Draft, Feed, Report]:
    """Drafts and writes a feed, and checks it over its sample."""
    draft = draft_feed(home, "mine", path)
    write_draft(home, "mine", draft)
    return draft, load_feed("mine", home), check_feed(home, Wanted("mine", [path]))


@pytest.mark.deep
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_feed_drafted_from_a_shipped_file_loads(home: Home, path: Path) -> None:
    draft, _, report = drafted(home, path)
    assert draft.missing == MISSING.get(path.name, {})
    assert bool(report.faults) == bool(draft.missing)


@pytest.mark.parametrize("name", TEXTS)
def test_a_drafted_feed_loads_or_lacks_what_the_draft_says(
    home: Home, tmp_path: Path, name: str
) -> None:
    """It always is a feed; what a dataset requires and no column gave is a comment and a fault."""
    draft, feed, report = drafted(home, written(tmp_path, name))
    assert draft.missing == MISSING.get(name, {})
    for dataset, columns in draft.missing.items():
        for column in columns:
            assert f"requires {column} (" in draft.files[f"{dataset}.sql"]
            told = f"feeds/mine/{dataset}.sql does not fill {column}, which raw_{dataset} requires"
            assert any(fault.startswith(told) for fault in report.faults), report.faults
    if not draft.missing:
        rejected = [fault for fault in report.faults if "% of the rows" not in fault]
        assert (rejected, feed.sql.keys() != set()) == ([], True)


def test_an_export_of_windows_is_drafted_as_it_is(home: Home) -> None:
    draft, feed, _ = drafted(home, OWN_STORE)
    assert (feed.encoding, feed.delimiter, feed.decimal_mark) == ("cp1252", ";", ",")
    assert feed.column("bestelldatum").format == "%d.%m.%Y %H:%M"
    assert draft.recognised["order_id"] == "Bestell-Nr."
    assert "Brutto-Stückpreis" in draft.unrecognised
    assert "when 'storniert' then 'cancelled'" in feed.sql["raw_orders"]
    assert "1 of 29 values are none of this type, such as 'zwei'" in draft.files["feed.yaml"]


def test_the_price_of_one_is_computed_from_an_amount(home: Home, tmp_path: Path) -> None:
    draft, _, report = drafted(home, written(tmp_path, "superstore.csv"))
    assert "round(sales / quantity, 4)" in draft.files["order_items.sql"]
    assert "region as ship_region" not in draft.files  # the state is no state of the order
    assert "status" not in draft.recognised
    assert "superstore.csv: 1 row, accepted 1, rejected 0, delivered on 2018-11-28" in report.told


def test_words_for_nothing_are_found(home: Home, tmp_path: Path) -> None:
    _, feed, _ = drafted(home, written(tmp_path, "cafe.csv"))
    assert feed.nulls == ("N/A",)


def required(draft: Draft) -> set[str]:
    """The columns that a drafted feed requires."""
    columns = yaml.safe_load(draft.files["feed.yaml"])["columns"]
    return {column["name"] for column in columns if column.get("required")}


LINES = "order_id,order_date,sku,qty,price\nA,2024-01-31,pen,2,2.50\n"


@pytest.mark.parametrize(
    ("more", "optional"),
    [
        ("", set()),
        (",,,,\n", set()),
        ("\n", set()),
        ("B,2024-01-31,pen,,2.50\n", {"qty"}),
        (",2024-01-31,pen,2,2.50\n", set()),
        ("C,,pen,2,2.50\n", set()),
        ("A,,ink,1,1.50\n", {"order_date"}),  # its first line tells the day of the whole order
    ],
)
def test_what_an_order_must_have_is_required_whatever_is_blank_in_the_sample(
    home: Home, tmp_path: Path, more: str, optional: set[str]
) -> None:
    """One row of separators alone made every column optional."""
    path = tmp_path / "orders.csv"
    path.write_text(f"{LINES}{more}B,2024-02-01,pen,1,2.50\n")
    draft = draft_feed(home, "mine", path)
    assert required(draft) == {"order_id", "order_date", "qty", "price"} - optional


@pytest.mark.parametrize("number", ["refund_id", "order_id"])
def test_the_number_of_a_refund_is_required_though_one_lacks_it(
    home: Home, tmp_path: Path, number: str
) -> None:
    path = tmp_path / "refunds.csv"
    path.write_text(f"{number},refund_date,amount\n1,2024-01-05,5.00\n,2024-01-05,5.00\n")
    assert number in required(draft_feed(home, "mine", path))


@pytest.mark.parametrize("ending", [".parquet", ".xlsx", ".csv.gz"])
def test_other_formats_are_drafted_as_well(home: Home, tmp_path: Path, ending: str) -> None:
    path, row = tmp_path / f"orders{ending}", ("A1", "2024-01-31 10:00:00", 2, 2.5)
    header = ("order_id", "order_date", "qty", "price")
    if ending == ".parquet":
        values = ", ".join(f"{v!r} as {n}" for n, v in zip(header, row, strict=True))
        duckdb.execute(f"copy (select {values}) to '{path}' (format parquet)")
    elif ending == ".xlsx":
        workbook = openpyxl.Workbook()
        for cells in (header, row):
            workbook.active.append(cells)  # type: ignore[union-attr]
        workbook.save(path)
    else:
        text = "\n".join(",".join(map(str, cells)) for cells in (header, row))
        path.write_bytes(gzip.compress(f"{text}\n".encode()))
    _, feed, report = drafted(home, path)
    assert report.faults == []
    assert feed.format == ending.split(".")[1]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.csv", "1001,2024-01-02\n1002,2024-01-03\n", "a.csv has no header line: .* as 1001"),
        ("a.csv", "", "a.csv names no columns"),
        ("a.csv", "order_id,price\n", "a.csv has no rows"),
        ("a.csv", "Orders of May\n\nid;x\n1;2\n3;4\n5;6\n", "a.csv has lines before its table"),
        ("a.csv", "id,id,x\n1,2,3\n", "a.csv: the header has id more than once"),
        ("a.jsonl", "1\n", "a.jsonl names no columns"),
        *(
            ("a.json", text, r"a\.json is one JSON array .* one object per line \(\.jsonl\)")
            for text in ('[{"id": 1}]', '\n[\n  {"id": 1}\n]\n', '{\n  "id": 1\n}\n')
        ),
        ("a.xlsx", "no workbook", "a.xlsx is no workbook that can be read"),
        ("a.parquet", "no parquet", "a.parquet is no Parquet file"),
        ("a.csv.gz", "not packed", "a.csv.gz: the file cannot be unpacked"),
        ("a.pdf", "", r"a.pdf: feeds are drafted from files named \.csv"),
    ],
)
def test_what_no_feed_can_be_drafted_from_is_told(
    home: Home, tmp_path: Path, name: str, content: str, fault: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ConfigurationError, match=fault):
        draft_feed(home, "mine", tmp_path / name)


@pytest.mark.parametrize(
    ("name", "encoding", "fault"),
    [
        ("a.csv", "utf-16-be", "a.csv: the file is in big-endian UTF-16: save it as utf-8"),
        ("a.csv", "utf-32-le", "a.csv: the file is in UTF-32: save it as utf-8"),
        ("a.jsonl", "utf-16-le", "a.jsonl: the file is in UTF-16: save it as utf-8"),
    ],
)
def test_an_encoding_that_no_feed_reads_is_told(
    home: Home, tmp_path: Path, name: str, encoding: str, fault: str
) -> None:
    """Big-endian UTF-16 ended in an error of the sniffer, with a path of our own."""
    (tmp_path / name).write_bytes("\ufefforder_id,price\nA,1\n".encode(encoding))
    with pytest.raises(ConfigurationError) as caught:
        draft_feed(home, "mine", tmp_path / name)
    assert str(caught.value) == fault


def test_nothing_is_ever_overwritten(home: Home) -> None:
    draft, *_ = drafted(home, OWN_STORE)
    before = {path.name: path.read_bytes() for path in (home.feeds / "mine").iterdir()}
    with pytest.raises(ConfigurationError, match="there is a feed 'mine' already"):
        draft_feed(home, "mine", OWN_STORE)
    with pytest.raises(ConfigurationError, match="mine is there already, and is left as it is"):
        write_draft(home, "mine", draft)
    assert before == {path.name: path.read_bytes() for path in (home.feeds / "mine").iterdir()}


@pytest.mark.parametrize(
    ("name", "fault"), [("My Shop", "lower-case"), ("online_retail", "there is a feed")]
)
def test_a_name_that_will_not_do_is_refused(home: Home, name: str, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        draft_feed(home, name, OWN_STORE)


def test_a_draft_makes_no_home(tmp_path: Path) -> None:
    """A slip in --home made a folder, in which no later command looked for the feed."""
    nowhere = Home(tmp_path / "no where")
    with pytest.raises(ConfigurationError) as caught:
        draft_feed(nowhere, "mine", OWN_STORE)
    assert str(caught.value) == (
        f"{nowhere.root} is no folder. Make a home first, or an empty folder that `ecom init` "
        f"makes one of later: mkdir '{nowhere.root}'"
    )
    assert not nowhere.root.exists()


def test_every_name_of_a_column_can_stand_in_sql_as_it_is() -> None:
    """A list of words kept by hand lacked some, such as those of "Références", "By" and "Left"."""
    words = duckdb.sql("select keyword_name from duckdb_keywords()").fetchall()
    names = column_names(
        ["Références", *(word.title() for (word,) in words if word != "references")]
    )
    assert names[0] == "references_delivered"
    duckdb.sql(f"select {', '.join(names)} from (select {', '.join(f'1 as {n}' for n in names)})")


def test_a_file_that_is_not_there_is_told(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is no file: name a sample"):
        draft_feed(home, "mine", tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("name", "pattern", "written"),
    [
        ("orders-2024-01-31.csv", r"orders-\d{4}-\d{2}-\d{2}\.csv", "%Y-%m-%d"),
        ("20240131_v2.csv", r"\d{8}_v\d+\.csv", "%Y%m%d"),
        ("31.01.2024 orders.csv", r"\d{2}\.\d{2}\.\d{4} orders\.csv", "%d.%m.%Y"),
        ("orders-99999999.csv", r"orders-\d+([-_. (].*)?\.csv", None),
        ("orders.xlsx", r"orders([-_. (].*)?\.xlsx", None),
        ("auftraege_2025-03-31.csv", r"auftraege_\d{4}-\d{2}-\d{2}\.csv", "%Y-%m-%d"),
    ],
)
def test_a_name_tells_its_pattern_and_day(name: str, pattern: str, written: str | None) -> None:
    naming = naming_of(name)
    assert (naming.pattern, naming.format) == (pattern, written)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        *(("orders.csv", True), ("orders_2.csv", True), ("orders (1).csv", True)),
        *(("customers.csv", False), ("orderstatus.csv", False), ("orders.xlsx", False)),
    ],
)
def test_a_name_without_a_day_takes_its_like_alone(name: str, is_one: bool) -> None:
    """Any CSV in the inbox was taken for a delivery of the feed."""
    assert bool(re.fullmatch(naming_of("orders.csv").pattern, name)) == is_one


def test_what_looks_like_a_day_is_told_where_no_header_is_taken_for_it(
    home: Home, tmp_path: Path
) -> None:
    """Of an export without a known header for its days, no column had its remark."""
    path = tmp_path / "orders.csv"
    path.write_text("Order ID,When,SKU,Quantity,Price\nA,01/02/2024 10:30,pen,1,2.50\n")
    draft = draft_feed(home, "mine", path)
    assert draft.missing == {"orders": ["ordered_at"]}
    told = draft.files["feed.yaml"].replace("\n  # ", " ")
    assert (
        "Not used by any SQL; looks like type: local_timestamp, format: '%d/%m/%Y %H:%M', and "
        "fits %m/%d/%Y %H:%M as well.\n  - {name: when_delivered, header: When}"
    ) in told


def test_short_words_of_french_shops_are_known() -> None:
    headers = ["N° commande", "Réf.", "Qté", "PU HT", "Montant HT"]
    assert meanings(headers) == {
        "order_id": 0,
        "product_id": 1,
        "quantity": 2,
        "unit_price": 3,
        "amount": 4,
    }
