"""Planning: which files of which month have to be read."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.resources import files

import pytest

from ecom_assets import contracts, feeds
from ecom_assets.contracts import load_contracts
from ecom_assets.contracts.model import Freshness
from ecom_assets.feeds import shipped_feeds
from ecom_assets.feeds.model import DeliveryDate
from ecom_assets.ingest.journal import Delivery
from ecom_assets.ingest.manifest import LoadedFile, Manifest, Part
from ecom_assets.ingest.plan import READERS, MonthPlan, file_fingerprint, plan, reading_fingerprint
from ecom_assets.stores import FeedOptions, Store
from tests.unit.ingest.deliveries import delivery

READINGS = {("shop", "lines"): "r1"}
AUGUST = ("shop", "lines", "2011-08")
LONDON = Store(currency="GBP", timezone="Europe/London")
FEED = shipped_feeds()["online_retail"]
ORDERS = load_contracts()["raw_orders"]
NO_READERS = {"journal", "manifest", "plan"}  # they keep what came, what was read, what is to read


def held(
    *batches: Iterable[Delivery], month: str = "2011-08", reading: str = "r1"
) -> dict[tuple[str, str, str], Manifest]:
    """The manifest of a month that was read in some batches, each with one part of its own."""
    files = [
        LoadedFile(
            name=d.name,
            sha256=d.sha256,
            seq=d.seq,
            delivered_on=d.delivered_on,
            landed_at=d.landed_at,
            fingerprint=file_fingerprint(d, reading),
            batch=f"b{no}",
            read_by="run",
        )
        for no, batch in enumerate(batches)
        for d in batch
    ]
    parts = [part(no, month) for no, _ in enumerate(batches)]
    manifest = Manifest(
        store="shop", feed="lines", month=month, files=tuple(files), parts=tuple(parts)
    )
    return {manifest.key: manifest}


def part(no: int, month: str = "2011-08") -> Part:
    return Part(dataset="raw_orders", batch=f"b{no}", path=f"{month}/b{no}.parquet", rows=1)


def read_names(month: MonthPlan) -> list[str]:
    return [d.name for d, _ in month.read]


def test_a_month_that_was_never_read_is_read_whole() -> None:
    (august,) = plan([delivery(1), delivery(2, name="b.csv")], {}, READINGS)
    assert (august.store, august.feed, august.month) == AUGUST
    assert read_names(august) == ["2011-08-07.csv", "b.csv"]
    assert (august.kept_files, august.kept_parts) == ((), ())


def test_a_month_that_is_as_the_journal_says_is_left_alone() -> None:
    files = [delivery(1), delivery(2, name="b.csv")]
    assert plan(files, held(files), READINGS) == []


def test_a_new_file_is_read_and_those_read_before_are_kept() -> None:
    old, new = delivery(1), delivery(2, name="b.csv")
    (august,) = plan([old, new], held([old]), READINGS)
    assert read_names(august) == ["b.csv"]
    assert [file.name for file in august.kept_files] == [old.name]
    assert august.kept_parts == (part(0),)


def test_a_replaced_file_is_read_again_with_those_of_its_batch_only() -> None:
    a, b, c = (delivery(no, name=name) for no, name in enumerate(["a", "b", "c"], start=1))
    (august,) = plan([a, b, c, delivery(4, name="a", sha256="x")], held([a, b], [c]), READINGS)
    assert [(d.name, d.seq) for d, _ in august.read] == [("a", 4), ("b", 2)]
    assert [file.name for file in august.kept_files] == ["c"]
    assert august.kept_parts == (part(1),)


def days(count: int, size: int = 10) -> list[Delivery]:
    entries = [delivery(no, name=f"{no:02}.csv") for no in range(1, count + 1)]
    return [entry._replace(bytes=size) for entry in entries]


def test_four_batches_of_like_size_are_read_anew_as_one() -> None:
    """A month that came day by day had thirty-one parts of each dataset, opened by every query."""
    files = days(9)
    batches = [files[:4], *([file] for file in files[4:8])]
    (august,) = plan(files, held(*batches), READINGS)
    assert read_names(august) == [file.name for file in files[4:]]
    assert august.kept_parts == (part(0),)


@pytest.mark.parametrize(("count", "size"), [(3, 10), (4, 64_000_001)])
def test_few_or_large_batches_are_left_as_they_are(count: int, size: int) -> None:
    """What is too large to be one batch would be read anew at every load."""
    files = days(count + 1, size)
    (august,) = plan(files, held(*([file] for file in files[:count])), READINGS)
    assert read_names(august) == [files[count].name]


def test_a_month_into_which_nothing_comes_is_not_read_to_make_it_smaller() -> None:
    files = days(5)
    moved = files[0]._replace(seq=9, delivered_on=date(2011, 9, 1))
    held_now = held(*([file] for file in files))
    assert plan(files, held_now, READINGS) == []
    _, august = plan([*files, moved], held_now, READINGS)
    assert (august.month, august.read) == ("2011-08", ())


def test_a_file_that_comes_day_by_day_is_read_anew_a_few_times_at_most() -> None:
    files = days(59)
    manifests: dict[tuple[str, str, str], Manifest] = {}
    read = 0
    for count in range(1, len(files) + 1):
        (august,) = plan(files[:count], manifests, READINGS)
        read += len(august.read)
        batches = defaultdict[str | None, list[Delivery]](list)
        for file in august.kept_files:
            batches[file.batch].append(files[file.seq - 1])
        manifests = held(*batches.values(), [entry for entry, _ in august.read])
        assert len(manifests[AUGUST].parts) <= 9
    assert read / len(files) < 3


def test_a_file_delivered_again_with_the_content_of_old_is_read_again() -> None:
    (august,) = plan([delivery(1), delivery(2)], held([delivery(1)]), READINGS)
    assert [d.seq for d, _ in august.read] == [2]


def test_a_file_that_was_set_aside_is_not_read_again_for_its_neighbours() -> None:
    a, b = delivery(1, name="a"), delivery(2, name="b")
    manifest = held([a, b])[AUGUST]
    aside = manifest.files[1].model_copy(update={"status": "set_aside", "batch": None})
    held_now = {AUGUST: manifest.model_copy(update={"files": (manifest.files[0], aside)})}
    (august,) = plan([a, b, delivery(3, name="a", sha256="x")], held_now, READINGS)
    assert read_names(august) == ["a"]
    assert august.kept_files == (aside,)
    assert august.kept_parts == ()


def test_files_that_were_set_aside_are_no_batch() -> None:
    a, b = delivery(1, name="a"), delivery(2, name="b")
    manifest = held([a, b])[AUGUST]
    files = tuple(
        f.model_copy(update={"status": "set_aside", "batch": None}) for f in manifest.files
    )
    held_now = {AUGUST: manifest.model_copy(update={"files": files, "parts": ()})}
    (august,) = plan([a, b, delivery(3, name="a", sha256="x")], held_now, READINGS)
    assert read_names(august) == ["a"]
    assert august.kept_files == files[1:]


def test_a_file_that_moved_to_another_month_leaves_the_old_one_after_it_came_to_the_new() -> None:
    old, new = delivery(1), delivery(2, delivered_on=date(2011, 9, 1), sha256="b")
    gains, loses = plan([old, new], held([old]), READINGS)
    assert (gains.month, read_names(gains)) == ("2011-09", [old.name])
    assert (loses.month, loses.read, loses.kept_files, loses.kept_parts) == ("2011-08", (), (), ())


def test_a_moved_file_takes_its_batch_siblings_along_to_be_read_again() -> None:
    old, sibling = delivery(1, name="a"), delivery(2, name="b")
    moved = delivery(3, name="a", delivered_on=date(2011, 9, 1))
    plans = plan([old, sibling, moved], held([old, sibling]), READINGS)
    assert [(p.month, read_names(p)) for p in plans] == [("2011-08", ["b"]), ("2011-09", ["a"])]


def test_all_months_that_gain_files_come_before_those_that_only_lose_some() -> None:
    january = delivery(1, name="a", delivered_on=date(2011, 1, 5))
    moved = delivery(2, name="a", delivered_on=date(2011, 12, 1))
    may = delivery(3, name="b", delivered_on=date(2011, 5, 1))
    plans = plan([january, moved, may], held([january], month="2011-01"), READINGS)
    assert [p.month for p in plans] == ["2011-05", "2011-12", "2011-01"]


def test_another_way_of_reading_makes_every_file_stale() -> None:
    files = [delivery(1, name="a"), delivery(2, name="b")]
    (august,) = plan(files, held(files[:1], files[1:], reading="r0"), READINGS)
    assert read_names(august) == ["a", "b"]
    assert august.kept_parts == ()


def test_files_are_read_by_delivery_day_and_name() -> None:
    days = {"c": 7, "a": 9, "b": 7}
    files = [
        delivery(no, name=name, delivered_on=date(2011, 8, day))
        for no, (name, day) in enumerate(days.items())
    ]
    (august,) = plan(files, {}, READINGS)
    assert read_names(august) == ["b", "c", "a"]


def test_deliveries_of_a_store_or_feed_that_is_no_more_are_left_alone() -> None:
    assert plan([delivery(1)], held([delivery(1, sha256="b")]), {}) == []


def test_each_store_and_feed_has_months_of_its_own() -> None:
    readings = READINGS | {("shop", "b"): "r1", ("b", "lines"): "r1"}
    files = [delivery(1), delivery(2, feed="b"), delivery(3, store="b")]
    plans = plan(files, {}, readings)
    assert [(p.store, p.feed) for p in plans] == [("b", "lines"), ("shop", "b"), ("shop", "lines")]


@pytest.mark.parametrize(
    "changed",
    [
        {"encoding": "latin-1"},
        {"sql": FEED.sql | {"raw_orders": "select 1"}},
        {"seeds": {"line_kinds": ({"code": "POST", "line_kind": "fee"},)}},
        {"derived": {}},
    ],
)
def test_a_feed_that_is_read_differently_has_another_fingerprint(
    changed: dict[str, object],
) -> None:
    other = FEED.model_copy(update=changed)
    assert reading_fingerprint(other, load_contracts(), LONDON) != fingerprint()


def test_a_changed_contract_of_the_feed_changes_its_fingerprint() -> None:
    stricter = load_contracts()["raw_orders"].model_copy(update={"rules": ()})
    looser = stricter.model_copy(update={"columns": stricter.columns[:-1]})
    assert fingerprint(raw_orders=looser) != fingerprint()


def test_a_changed_contract_of_another_feed_leaves_the_fingerprint_as_it_is() -> None:
    other = load_contracts()["raw_events"].model_copy(update={"key": ("visitor_id",)})
    assert fingerprint(raw_events=other) == fingerprint()


@pytest.mark.parametrize("types", [contracts.model.SQL_TYPES, feeds.model.SQL_TYPES])
def test_another_type_in_sql_changes_the_fingerprint(
    monkeypatch: pytest.MonkeyPatch, types: dict[str, str]
) -> None:
    """Parts with money of an older type stayed valid beside those of the new one."""
    before = fingerprint()
    monkeypatch.setitem(types, "money", "decimal(18,6)")
    assert fingerprint() != before


@pytest.mark.parametrize(
    "words",
    [
        {"description": "x"},
        {"owner": "team:x"},
        {"example": "x"},
        {"pattern": "x"},
        {"delivered_on": DeliveryDate.model_validate({"from": "landed"})},
    ],
)
def test_other_words_about_a_feed_read_nothing_again(words: dict[str, object]) -> None:
    """A typo that was mended in a description read the whole lake anew."""
    other = FEED.model_copy(update=words)
    assert reading_fingerprint(other, load_contracts(), LONDON) == fingerprint()


@pytest.mark.parametrize(
    "words",
    [
        {"description": "x"},
        {"grain": "x"},
        {"owner": "team:x"},
        {"freshness": Freshness(warn_after_hours=1)},
    ],
)
def test_other_words_about_a_dataset_read_nothing_again(words: dict[str, object]) -> None:
    assert fingerprint(raw_orders=ORDERS.model_copy(update=words)) == fingerprint()


@pytest.mark.parametrize(
    ("changed", "is_same"),
    [
        ({"description": "x"}, True),
        ({"pii": "email"}, True),
        ({"required": False}, False),
        ({"default": "'x'"}, False),
        ({"type": "integer"}, False),
        ({"one_of": ("x",)}, False),
        ({"minimum": 7}, False),
        ({"maximum": 7}, False),
        ({"pattern": "x"}, False),
    ],
)
def test_only_what_a_column_accepts_changes_the_fingerprint(
    changed: dict[str, object], is_same: bool
) -> None:
    first, *others = ORDERS.columns
    columns = (first.model_copy(update=changed), *others)
    same = fingerprint(raw_orders=ORDERS.model_copy(update={"columns": columns})) == fingerprint()
    assert same == is_same


def test_all_modules_that_read_a_file_are_in_the_fingerprint() -> None:
    """The list is kept by hand: files stayed as a module left out of it had read them."""
    found, to_follow = set[str](), ["read", "load"]
    while to_follow:
        module = to_follow.pop()
        if module not in found and module not in NO_READERS:
            found.add(module)
            to_follow.extend(imported_by(module))
    assert found == set(READERS)


def imported_by(module: str) -> Iterator[str]:
    """Yields the modules of the package ``ingest`` that one of them imports."""
    code = (files("ecom_assets.ingest") / f"{module}.py").read_text("utf-8")
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module == "ecom_assets.ingest":
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("ecom_assets.ingest"):
            yield str(node.module).removeprefix("ecom_assets.ingest.")


@pytest.mark.parametrize("changed", [{"timezone": "Europe/Paris"}, {"currency": "EUR"}])
def test_another_clock_or_currency_changes_the_fingerprint(changed: dict[str, str]) -> None:
    assert fingerprint(LONDON.model_copy(update=changed)) != fingerprint()


def test_what_only_decides_whether_to_publish_reads_nothing_again() -> None:
    strict = FEED.model_copy(update={"required": True, "max_rejected_pct": 0})
    store = LONDON.model_copy(update={"feeds": {"online_retail": FeedOptions(required=True)}})
    assert reading_fingerprint(strict, load_contracts(), store) == fingerprint()


@pytest.mark.parametrize(
    "other",
    [
        delivery(2),
        delivery(sha256="b"),
        delivery(name="b"),
        delivery(delivered_on=date(2011, 8, 8)),
    ],
)
def test_every_delivery_has_a_fingerprint_of_its_own(other: Delivery) -> None:
    assert file_fingerprint(other, "r1") != file_fingerprint(delivery(), "r1")


def fingerprint(store: Store = LONDON, **contracts: object) -> str:
    return reading_fingerprint(FEED, load_contracts() | contracts, store)  # type: ignore[arg-type]


def test_what_is_held_under_the_name_of_a_file_to_read_is_told_also_from_another_month() -> None:
    """An export that came again under its name replaced the columns it had without a word."""
    old, other = delivery(1, name="export.csv"), delivery(2, name="other.csv")
    new = delivery(3, name="export.csv", sha256="b", delivered_on=date(2011, 9, 1))
    second, first = plan([old, other, new], held([old, other]), READINGS)
    assert (first.month, read_names(first)) == ("2011-09", ["export.csv"])
    assert {name: file.seq for name, file in first.before.items()} == {"export.csv": 1}
    assert set(second.before) == {"other.csv"}
