"""A week as a shop might really deliver it: what is right is loaded, the rest named with a reason.

The damage is described in ``tests/corrupted.py``.
"""

from pathlib import Path

from asset_checks import raw
from ecom_assets.ingest.parts import QUARANTINE
from tests.corrupted import DOCUMENT_ROWS, TRUNCATED_ROW, WRONG_TYPE_ROW, corrupted_week
from tests.harness.files import SAMPLE_WEEK
from tests.integration.ingest.lake import Lake, raw_text

CHECKS = [
    raw.files_reconcile,
    raw.rejected_share_within_limit,
    raw.files_readable,
    raw.columns_known,
]
CONFLICT = "rows with one order_id differ within one file"
UTF_16 = (
    "the file is in UTF-16, feed 'online_retail' reads utf-8: save it as utf-8, or change "
    "`encoding` in feed.yaml"
)


def test_exactly_the_damaged_records_are_quarantined(corrupted_lake: Lake) -> None:
    assert corrupted_lake.quarantine() == [
        ("2011-08-07.csv", TRUNCATED_ROW, "malformed", "3 of 8 columns"),
        ("2011-08-08.csv", WRONG_TYPE_ROW, "type", "Quantity: twelve is no whole number"),
        *(("2011-08-10.csv", row, "conflicting_key", CONFLICT) for row in DOCUMENT_ROWS),
    ]


def test_quarantined_records_are_kept_as_they_were_delivered(corrupted_lake: Lake) -> None:
    truncated, wrong, *document = corrupted_lake.rows(QUARANTINE)
    assert truncated["raw_text"] == "562571,23111,PARIS"
    assert raw_text(wrong)["Quantity"] == "twelve"
    assert [raw_text(row)["CustomerID"] for row in document].count("12345.0") == 1
    assert [row["dataset"] for row in (truncated, wrong, *document)] == [
        None,
        None,
        *(["raw_orders"] * 7),
    ]


def test_every_file_has_one_fate(corrupted_lake: Lake) -> None:
    assert {
        name: (file.status, file.rows, file.quarantined)
        for name, file in corrupted_lake.files().items()
    } == {
        "2011-08-07.csv": ("loaded", 541, 1),
        "2011-08-08.csv": ("loaded", 1490, 1),
        "2011-08-09.csv": ("loaded", 1119, 0),
        "2011-08-10.csv": ("loaded", 1376, 7),
        "2011-08-11.csv": ("set_aside", 0, 0),
        "2011-08-12.csv": ("set_aside", 0, 0),
        "2011-08-14.csv": ("loaded", 557, 0),
    }


def test_files_are_set_aside_with_what_to_do_about_them(corrupted_lake: Lake) -> None:
    files = corrupted_lake.files()
    assert files["2011-08-11.csv"].message == "the file is empty (0 bytes): deliver it again"
    assert files["2011-08-12.csv"].message == UTF_16
    assert [file.message for file in files.values()].count(None) == 5


def test_all_else_is_loaded_as_from_the_whole_files(corrupted_lake: Lake, week_lake: Lake) -> None:
    gone = {(file, row) for file, row, _, _ in corrupted_lake.quarantine()}
    aside = {"2011-08-11.csv", "2011-08-12.csv"}
    expected = [
        {**row, "overflow": None}
        for row in week_lake.rows("raw_order_items")
        if row["source_file"] not in aside and (row["source_file"], row["source_row"]) not in gone
    ]
    found = [{**row, "overflow": None} for row in corrupted_lake.rows("raw_order_items")]
    assert renumbered(found) == renumbered(expected)
    assert len(found) == 4960


def renumbered(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Leaves the line number out of account: a document that has lost a line counts anew."""
    return [{**row, "line_number": 0} for row in rows]


def test_no_dataset_holds_anything_of_the_rejected_document(corrupted_lake: Lake) -> None:
    for dataset in ("raw_orders", "raw_order_items", "raw_customers"):
        ids = {row["document_id"] for row in corrupted_lake.rows(dataset)}
        assert "562851" not in ids
        assert "562852" in ids
    assert "12345" not in {row["customer_id"] for row in corrupted_lake.rows("raw_customers")}


def test_the_other_lines_of_a_document_with_a_wrong_line_stay(corrupted_lake: Lake) -> None:
    rows = corrupted_lake.rows("raw_order_items")
    assert sum(row["order_id"] == "562607" for row in rows) == (
        SAMPLE_WEEK["2011-08-08.csv"].count(b"\n562607,") - 1
    )


def test_values_of_the_unknown_column_are_kept(corrupted_lake: Lake) -> None:
    rows = corrupted_lake.rows("raw_order_items")
    overflow = {row["overflow"] for row in rows if row["source_file"] == "2011-08-09.csv"}
    assert overflow == {'{"Warehouse":"Leeds"}'}
    assert corrupted_lake.files()["2011-08-09.csv"].extra_columns == ("Warehouse",)


# Verdicts


def test_a_tolerant_store_may_publish(corrupted_lake: Lake) -> None:
    verdicts = [corrupted_lake.verdict(check) for check in CHECKS]
    assert [(v.name, v.passed) for v in verdicts] == [
        ("files_reconcile", True),
        ("rejected_share_within_limit", True),
        ("files_readable", False),
        ("columns_known", False),
    ]
    assert not any(verdict.blocking for verdict in verdicts if not verdict.passed)


def test_a_blocking_store_may_not_publish(strict_lake: Lake) -> None:
    red = [v.name for v in map(strict_lake.verdict, CHECKS) if v.blocking and not v.passed]
    assert red == ["rejected_share_within_limit", "files_readable"]


def test_the_share_of_rejected_rows_is_told_with_examples(strict_lake: Lake) -> None:
    verdict = strict_lake.verdict(raw.rejected_share_within_limit)
    share, *examples = verdict.rows
    assert verdict.message.startswith("1 delivery of a feed with more rows rejected than")
    assert (share["delivered_rows"], share["quarantined_rows"]) == (5083, 9)
    assert (share["rejected_pct"], share["max_rejected_pct"]) == ("0.18", "0.0000")
    assert [row["source_row"] for row in examples] == [TRUNCATED_ROW, WRONG_TYPE_ROW, 163, 164]


def test_the_files_set_aside_are_named(strict_lake: Lake) -> None:
    verdict = strict_lake.verdict(raw.files_readable)
    named = ("shop/online_retail/2011-08-11.csv", "shop/online_retail/2011-08-12.csv")
    assert verdict.message == f"2 files set aside: {', '.join(named)}: deliver again"
    assert [row["file"] for row in verdict.rows] == ["2011-08-11.csv", "2011-08-12.csv"]


def test_whole_files_delivered_later_make_every_check_green(tmp_path: Path) -> None:
    lake = Lake(tmp_path, required=True, max_rejected_pct=0)
    for files in (corrupted_week(), SAMPLE_WEEK):
        lake.deliver(files)
        lake.take_in()
    assert all(lake.verdict(check).passed for check in CHECKS)
