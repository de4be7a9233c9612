"""The `ecom` command as a user meets it: sentences, exit codes, no tracebacks."""

import json
import re
import shlex
import shutil
from datetime import date
from pathlib import Path

import pytest

from ecom_assets import cli
from ecom_assets.feeds import shipped_feeds
from ecom_assets.home import Home
from ecom_assets.settings import settings
from ecom_assets.simmart.simulate import remembered
from ecom_assets.stores import load_stores
from tests.integration.conftest import FEED, STORE, deliver

pytestmark = pytest.mark.integration

INIT = ["--store", STORE, "--feed", FEED, "--currency", "GBP", "--timezone", "Europe/London"]


@pytest.fixture
def ecom(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path):  # type: ignore[no-untyped-def]
    """Runs the command in this process; returns its exit code and what it printed."""
    monkeypatch.setenv("ECOM_HOME", str(tmp_path / "default"))
    monkeypatch.setenv("COLUMNS", "250")
    settings.cache_clear()

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["ecom", *arguments])
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capfd.readouterr()
        return code, captured.out + captured.err

    yield run
    settings.cache_clear()


def test_from_nothing_to_an_answer(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    home = str(tmp_path / "shop")
    assert ecom("init", home, *INIT)[0] == 0
    deliver(Home(tmp_path / "shop"), "2011-08-07.csv")
    code, text = ecom("run", "--home", home)
    assert code == 0
    assert "read 1 file with 541 rows; accepted 541, rejected 0" in text
    assert "Published version" in text
    sql = "select count(*) as lines from fact_sales"
    assert json.loads(ecom("query", sql, "--home", home, "--format", "json")[1]) == [{"lines": 529}]
    assert ecom("query", sql, "--home", home, "--format", "csv")[1] == "lines\n529\n"
    assert "529" in ecom("query", sql, "--home", home)[1]
    assert "Nothing new" in ecom("run", "--home", home)[1]
    text = ecom("status", "--home", home)[1]
    assert "published: 2" in text
    assert "last run: succeeded, begun 2" in text
    assert "  fact_sales" in ecom("digest", "--home", home)[1]
    assert "0 rejected rows" in ecom("quarantine", "--home", home)[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run"], "ecom init"),
        (["query", "select 1"], "stores.yaml is missing"),
        (["digest"], "stores.yaml is missing"),
        (["status"], "stores.yaml is missing"),
        (["init", "x", *INIT[:2], "--feed", "nope", *INIT[4:]], "There is no feed 'nope'"),
        (["init", "x", *INIT[:6], "--timezone", "Mars/Base"], "no IANA time zone"),
        (["init", "x", *INIT[:4], "--currency", "pounds", *INIT[6:]], "no ISO 4217"),
        (["init", "x", *INIT[:4], "--currency", "XYZ", *INIT[6:]], "no ISO 4217"),
        (["init", "x", *INIT, "--country", "UK"], "'UK' is no ISO 3166 country code"),
        (["init", "x", "--store", "My Shop", *INIT[2:]], "lower-case letters"),
        (["init", "/dev/null/x", *INIT], "/dev/null/x: Not a directory"),
        (["quarantine"], "stores.yaml is missing"),
        (["simulate", "--scale", "huge"], "no scale 'huge': choose demo, s3, x10"),
        (["simulate", "--dirt", "dust"], "no dirt 'dust': choose all, or encoding, header"),
        (["simulate", "--start", "2026-02-01", "--end", "2026-01-01"], "comes before the start"),
        (["simulate", "--growth", "inf"], "--growth inf is no share from 0, where a shop does not"),
        (["simulate", "--growth", "nan"], "--growth nan is no share from 0"),
        (["simulate", "--growth", "-0.1"], "--growth -0.1 is no share from 0"),
        (["simulate", "--end", "2999-01-01"], "--end 2999-01-01 is a day to come"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(  # type: ignore[no-untyped-def]
    ecom, arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, text = ecom(*arguments)
    assert code == 1
    assert sentence in text
    assert "Traceback" not in text


def test_a_home_without_deliveries_publishes_nothing(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """An empty version was published."""
    home = str(tmp_path / "shop")
    ecom("init", home, *INIT)
    code, text = ecom("run", "--home", home)
    assert code == 1
    assert "Nothing has been delivered yet" in text


@pytest.mark.parametrize(
    ("month", "sentence"),
    [
        ("1994-12", "--from 1994-12: months go from 1995-01 to the present"),
        ("9999-12", "--from 9999-12: months go from 1995-01 to the present"),
        ("2011-13", "--from wants a month like 2010-12, not '2011-13'"),
    ],
)
def test_there_are_no_months_before_1995_or_after_the_present(  # type: ignore[no-untyped-def]
    ecom, week: Home, month: str, sentence: str
) -> None:
    """Hundreds of partitions failed, or a date overflowed."""
    code, text = ecom("run", "--home", str(week.root), "--from", month, "--to", month)
    assert code == 1
    assert sentence in text


@pytest.mark.deep
def test_rejected_rows_are_found_by_the_dataset_they_would_have_filled(  # type: ignore[no-untyped-def]
    ecom, tmp_path: Path
) -> None:
    """Rows rejected as lines belong to no dataset yet, and were never shown for one."""
    home = Home(tmp_path / "shop")
    ecom("init", str(home.root), *INIT)
    deliver(home, "2011-08-07.csv")
    path = home.feed_inbox(STORE, FEED) / "2011-08-07.csv"
    path.write_text(
        path.read_text() + "573\x1b[31m9,22966,CUTTER,many,2011-08-07 10:24:00,1,1,UK\n"
    )
    assert ecom("run", "--home", str(home.root))[0] == 0
    code, text = ecom("quarantine", "orders", "--home", str(home.root))
    assert (code, "1 rejected row, 0 files set aside" in text, "\x1b[31m" in text) == (
        0,
        True,
        False,
    )
    code, text = ecom("quarantine", "--home", str(home.root), "--format", "json")
    assert json.loads(text)[0]["rule"] == "type"
    assert "0 rejected rows" in ecom("quarantine", "fx_rates", "--home", str(home.root))[1]
    code, text = ecom("quarantine", "orderz", "--home", str(home.root))
    assert (code, "'orderz'. Did you mean orders" in text) == (1, True)


def test_one_query_at_a_time(ecom, week: Home) -> None:  # type: ignore[no-untyped-def]
    code, text = ecom("query", "select 1; select 2", "--home", str(week.root))
    assert (code, "one query at a time" in text) == (1, True)
    code, text = ecom("query", " ;", "--home", str(week.root))
    assert (code, "the query is empty" in text) == (1, True)


def test_the_version_is_told(ecom) -> None:  # type: ignore[no-untyped-def]
    code, text = ecom("--version")
    assert (code, bool(re.fullmatch(r"ecom-assets \d+\.\d+\.\d+\n", text))) == (0, True)


def test_a_home_of_which_nothing_is_published_is_told_from_one_that_is_not_there(  # type: ignore[no-untyped-def]
    ecom, tmp_path: Path
) -> None:
    """Of a home that did not exist `ecom query` said that nothing was published in it yet."""
    home = str(tmp_path / "shop")
    ecom("init", home, *INIT)
    assert "Nothing is published" in ecom("query", "select 1", "--home", home)[1]


@pytest.mark.deep
def test_the_first_store_is_told_the_currency_of_the_reports_and_another_is_warned_of(  # type: ignore[no-untyped-def]
    ecom, tmp_path: Path
) -> None:
    """The first store's currency became that of the reports, and warnings were never shown."""
    home = Home(tmp_path / "shop")
    text = ecom("init", str(home.root), *INIT)[1]
    assert f"Reports of all stores are in GBP: reporting_currency in {home.stores_file}" in text
    text = ecom("init", str(home.root), "--store", "nordic", *INIT[2:5], "NOK", *INIT[6:])[1]
    assert "Reports of all stores" not in text
    deliver(home, "2011-08-07.csv")
    code, text = ecom("run", "--home", str(home.root))
    assert code == 0
    assert (
        "Warning: rates_delivered: 1 store with another currency than the reports (GBP) and no "
        "feed of rates: nordic (NOK). Its *_base_amount columns stay empty: give it a feed that"
    ) in text


@pytest.mark.deep
def test_what_has_nothing_to_do_is_done(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Stages without anything to land or read stood at 0 of 1 for good."""
    home = Home(tmp_path / "shop")
    ecom("init", str(home.root), *INIT)
    deliver(home, "2011-08-07.csv")
    again = ("run", "--home", str(home.root), "--from", "2011-08", "--to", "2011-08")
    assert ecom(*again)[0] == 0
    code, text = ecom(*again)
    assert (code, "read 0 files" in text, "0/1" in text) == (0, True, False)


@pytest.mark.parametrize(("table", "is_raw"), [("raw_orders", True), ("stg_orders", False)])
def test_a_table_that_is_not_published_is_told_from_one_that_is_not_there(  # type: ignore[no-untyped-def]
    ecom, week: Home, table: str, *, is_raw: bool
) -> None:
    code, text = ecom("query", f"from {table}", "--home", str(week.root))
    assert (code, "Published are dimensions, facts and KPI tables" in text) == (1, True)
    assert (f"Parquet in {week.lake}/raw; rejected ones: ecom quarantine" in text) == is_raw
    assert "Published are" not in ecom("query", "from nope", "--home", str(week.root))[1]


def test_what_lies_in_a_table_is_shown_as_it_is(ecom, week: Home) -> None:  # type: ignore[no-untyped-def]
    """``:x:`` in a name was shown as a picture."""
    sql = "select ':x: [red]a[/red]' as a"
    assert ":x: [red]a[/red]" in ecom("query", sql, "--home", str(week.root))[1]


def test_numbers_of_a_table_stand_below_each_other(ecom, week: Home) -> None:  # type: ignore[no-untyped-def]
    """They were written from the left, with zeros that tell nothing; csv and json stay exact."""
    values = (
        "(1.5000::decimal(18, 4), 7, 'a', true), (1234.5678, 10, 'b', null), (0, 2, null, null)"
    )
    ask = (
        "query",
        f"from (values {values}) as t (amount, n, name, is_b)",
        "--home",
        str(week.root),
    )
    lines = [line[2:-2].split(" │ ") for line in ecom(*ask)[1].splitlines() if line[0] == "│"]
    assert lines == [
        ["     1.50", " 7", "a   ", "True"],
        ["1234.5678", "10", "b   ", "    "],
        ["     0.00", " 2", "    ", "    "],
    ]
    assert "1.5000,7,a,True" in ecom(*ask, "--format", "csv")[1]


def test_what_a_question_was_not_told_is_not_told_back(ecom, week: Home) -> None:  # type: ignore[no-untyped-def]
    """The first and last day of all time, and the usual limit, were a line of their own."""
    ask = ("ask", "sales", "--home", str(week.root))
    assert " = " not in ecom(*ask)[1]
    assert "\nby = day\n" in ecom(*ask, "--set", "by=day")[1]


def test_a_long_answer_is_cut_as_a_table_and_whole_as_csv(ecom, week: Home) -> None:  # type: ignore[no-untyped-def]
    """Half a million rows were laid out as a table for minutes, with gigabytes."""
    ask = ("query", "from range(1500)", "--home", str(week.root))
    text = ecom(*ask)[1]
    assert "and 500 more rows" in text
    assert "│   999 │" in text
    assert "│  1000 │" not in text
    assert len(ecom(*ask, "--format", "csv")[1].splitlines()) == 1501


def test_all_questions_are_listed_with_those_of_the_home(ecom, week: Home, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    home = Home(tmp_path)
    home.questions.mkdir()
    (home.questions / "mine.sql").write_text("/*\ntitle: Mine [1]\ndefinition: x\n*/ select 1")
    (home.questions / "sales.sql").write_text("/*\ntitle: Another\ndefinition: x\n*/ select 1")
    (home.questions / "broken.sql").write_text("select 1")
    code, text = ecom("ask", "--home", str(home.root))
    assert code == 0
    assert re.search(r"│ 30 +│ suspicious +│ What is suspicious", text)
    assert f"Mine [1] ({home.questions / 'mine.sql'})" in text
    assert "broken.sql does not begin with /* title" in text
    assert re.findall(r"│ +│ sales +│ (\w+)", text) == ["Another"]
    assert "│ 1 " not in text
    (home.root / "published").symlink_to(week.published)
    assert json.loads(ecom("ask", "mine", "--home", str(home.root), "--format", "json")[1]) == [
        {"1": 1}
    ]
    assert ecom("ask", "1", "--home", str(home.root), "--sql") == (0, "select 1\n")
    assert "broken.sql does not begin" in ecom("ask", "broken", "--home", str(home.root))[1]


def test_a_question_is_answered_with_its_definition(ecom, week: Home) -> None:  # type: ignore[no-untyped-def]
    ask = ("ask", "sales", "--home", str(week.root))
    code, text = ecom(*ask, "--limit", "3", "--set", "by=day")
    assert code == 0
    assert "Revenue, orders and average order value by day or month\nThe ladder of sales" in text
    assert "limit = 3, by = day" in text
    assert text.count("│ online_retail") == 3
    assert ecom("ask", "1", *ask[2:], "--limit", "3", "--set", "by=day") == (code, text)
    rows = json.loads(ecom(*ask, "--set", "by=day", "--format", "json")[1])
    sql = "select sales_on, aov from kpi_sales_daily order by 1"
    days = json.loads(ecom("query", sql, *ask[2:], "--format", "json")[1])
    assert [(row["begins_on"], row["aov"]) for row in rows] == [tuple(d.values()) for d in days]
    assert ecom(*ask, "--format", "csv")[1].startswith("store_id,begins_on,is_complete,")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "payments",
            "Of online_retail there is nothing to tell: it delivers nothing that fills kpi",
        ),
        ("price_changes", "there is nothing to tell: the data hold nothing of the kind."),
    ],
)
def test_what_there_is_nothing_to_tell_of_is_a_sentence(  # type: ignore[no-untyped-def]
    ecom, week: Home, name: str, sentence: str
) -> None:
    code, text = ecom("ask", name, "--home", str(week.root))
    assert (code, sentence in text) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sale"], "There is no question 'sale'. Did you mean sales? All of them: ecom ask"),
        (["31"], "There is no question '31'. All of them: ecom ask"),
        (["sales", "--store", "shop"], "There is no store 'shop'. Stores: online_retail"),
        (["sales", "--set", "by=year"], "--set by=year: choose one of day, month"),
    ],
)
def test_a_wrong_question_is_a_sentence(  # type: ignore[no-untyped-def]
    ecom, week: Home, arguments: list[str], sentence: str
) -> None:
    code, text = ecom("ask", *arguments, "--home", str(week.root))
    assert (code, sentence in text) == (1, True)


def test_a_value_without_a_name_is_a_command_wrongly_given(ecom, week: Home) -> None:  # type: ignore[no-untyped-def]
    assert ecom("ask", "sales", "--set", "day", "--home", str(week.root))[0] == 2


def test_the_example_of_a_question_of_ones_own_can_be_asked(
    ecom, week: Home, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    page = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text("utf-8")
    example = re.search(r"^```sql\n(/\*\ntitle: Days.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert example
    home = Home(tmp_path)
    home.questions.mkdir()
    (home.questions / "returns.sql").write_text(example[1])
    (home.root / "published").symlink_to(week.published)
    ask = ("ask", "returns", "--home", str(home.root), "--format", "json")
    assert len(json.loads(ecom(*ask, "--set", "share=0")[1])) > len(json.loads(ecom(*ask)[1]))


def test_the_page_has_a_section_for_each_question(ecom, week: Home) -> None:  # type: ignore[no-untyped-def]
    code, text = ecom("ask", "--docs", "--home", str(week.root))
    assert code == 0
    assert re.findall(r"^## (\d+)\. ", text, re.MULTILINE) == [str(n) for n in range(1, 31)]
    assert "Of online_retail there is nothing to tell: it delivers nothing that fills" in text


@pytest.mark.parametrize("name", ["landing/journal.jsonl", "state/gate.json"])
def test_a_damaged_file_of_the_home_is_named(ecom, tmp_path: Path, name: str) -> None:  # type: ignore[no-untyped-def]
    home = tmp_path / "shop"
    ecom("init", str(home), *INIT)
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    (home / name).write_text('{"half"\n')
    code, text = ecom("status", "--home", str(home))
    assert code == 1
    assert f"{home / name} is damaged" in text


def test_a_red_gate_is_exit_code_1_with_the_check_and_its_rows(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    home = Home(tmp_path / "shop")
    ecom("init", str(home.root), *INIT)
    stores = home.stores_file.read_text().replace(f"{FEED}: {{}}", f"{FEED}: {{required: true}}")
    home.stores_file.write_text(stores)
    assert load_stores(home).stores[STORE].feeds[FEED].required
    deliver(home, "2011-08-07.csv")
    (home.feed_inbox(STORE, FEED) / "2011-08-08.csv").write_bytes(b"")
    code, text = ecom("run", "--home", str(home.root))
    assert code == 1
    assert "Not published" in text
    assert "files_readable" in text
    assert "2011-08-08.csv" in text
    text = ecom("status", "--home", str(home.root))[1]
    assert "1 file set aside, 1 by the last run" in text
    assert "): a blocking check of the deliveries is red: no table was built from them" in text


def test_a_store_may_have_several_feeds_at_once(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """All but the last were dropped without a word."""
    home = Home(tmp_path / "shop")
    code, text = ecom("init", str(home.root), *INIT, "--feed", "shopify_products")
    assert code == 0
    assert set(load_stores(home).stores[STORE].feeds) == {FEED, "shopify_products"}
    assert "Added feed 'shopify_products' to store 'online_retail'. Put files like" in text


def test_a_store_keeps_its_currency(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    home = str(tmp_path / "shop")
    ecom("init", home, *INIT)
    code, text = ecom("init", home, *INIT[:4], "--currency", "EUR", *INIT[6:])
    assert code == 1
    assert "exists with GBP, Europe/London: edit" in text


def test_every_kind_of_export_is_listed_with_a_name_of_its_files(ecom) -> None:  # type: ignore[no-untyped-def]
    code, text = ecom("feed", "list")
    assert (code, text) == ecom("feeds")
    assert code == 0
    for feed in shipped_feeds().values():
        assert feed.feed in text
        assert feed.example in text


def test_a_feed_is_drafted_listed_and_checked(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "default").mkdir()
    sample = tmp_path / "orders.csv"
    sample.write_text("order_id,order_date,sku,qty,price,deposit\n1,2024-01-31,A,2,2.50,0.25\n")
    code, text = ecom("feed", "new", "mine", "--from", str(sample))
    assert (code, "orders.csv was taken for lines of orders." in text) == (0, True)
    assert r"Its files are those named orders([-_. (].*)?\.csv" in text
    warning = "warning: not used though it looks like money: deposit\n"
    assert warning in text
    folder = Home(tmp_path / "default").feeds / "mine"
    assert f"Files like orders.csv. ({folder})" in ecom("feed", "list")[1]
    code, text = ecom("feed", "check", "mine", "--file", str(sample))
    assert (code, text.endswith(f"{warning}It can be loaded.\n")) == (0, True)
    (folder / "order_items.sql").write_text("select file_no, source_row from lines")
    code, text = ecom("feed", "check", str(folder), "--file", str(sample))
    assert (code, "fault: feeds/mine/order_items.sql does not fill order_id" in text) == (1, True)
    (folder / "feed.yaml").write_text("feed: mine\n")
    assert "feeds/mine/feed.yaml: description: Field required" in ecom("feed", "list")[1]
    code, text = ecom("feed", "check", "mine")
    assert (code, "error: feeds/mine/feed.yaml: description: Field required" in text) == (1, True)


def test_a_feed_from_a_database_wants_its_url_and_no_files(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """A run asked for files in the inbox of a feed that is pulled."""
    home, feeds = Home(tmp_path / "shop"), ("--feed", "database_orders")
    zone = ("--currency", "EUR", "--timezone", "UTC")
    _, text = ecom("init", str(home.root), "--store", "shop", *feeds, *zone)
    then = f"then: set url_env of database_orders in {home.stores_file}, and: ecom run --home"
    assert text.splitlines()[-1] == f"{then} {home.root}"
    code, text = ecom("run", "--home", str(home.root))
    lacking = f"url_env of database_orders (store shop) is not set in {home.stores_file}"
    assert (code, lacking in text, "put files" in text) == (1, True, False)
    ecom("init", str(home.root), "--store", "shop", "--feed", FEED, *zone)
    code, text = ecom("run", "--home", str(home.root))
    assert (code, lacking in text, "put files into" in text) == (1, True, True)


def test_a_run_tells_the_row_of_an_order_of_a_day_to_come(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """It was accepted without a word; then the warning counted the rows, and named none."""
    sample, home = tmp_path / "orders_2025-03-31.csv", Home(tmp_path / "shop")
    home.root.mkdir()
    sample.write_text(
        "order_id,order_date,sku,qty,price\n1,2025-03-30,A,2,2.50\n2,2052-01-22,A,2,2.50\n"
    )
    ecom("feed", "new", "mine", "--from", str(sample), "--home", str(home.root))
    zone = ("--currency", "EUR", "--timezone", "UTC")
    ecom("init", str(home.root), "--store", "shop", "--feed", "mine", *zone)
    shutil.copy(sample, home.feed_inbox("shop", "mine"))
    code, text = ecom("run", "--home", str(home.root))
    row = '"source_file": "orders_2025-03-31.csv", "source_row": "3"}'
    assert (code, "Warning: warn_orders_are_not_of_days_to_come" in text) == (0, True)
    assert row in text
    assert '    {"store_id": "shop", "order_id": "2", "ordered_on": "2052-01-22"' in text


def test_the_next_step_after_a_draft_is_in_its_home(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The command that it names looked for the feed in the default home."""
    sample, home = tmp_path / "orders.csv", str(tmp_path / "h 7")
    Path(home).mkdir()
    sample.write_text("order_id,order_date,sku,qty,price\n1,2024-01-31,A,2,2.50\n")
    _, text = ecom("feed", "new", "mine", "--from", str(sample), "--home", home)
    command = text.rsplit("then: ", maxsplit=1)[1]
    assert command == f"ecom feed check mine --file {sample} --home '{home}'\n"
    code, text = ecom(*shlex.split(command)[1:])
    assert (code, text.endswith("It can be loaded.\n")) == (0, True)


def test_a_shop_that_does_not_grow_is_simulated_further_as_it_is(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    home = Home(tmp_path / "shop")
    simulate = ("simulate", "--home", str(home.root))
    assert ecom(*simulate, "--growth", "0", "--start", "2026-03-01", "--end", "2026-03-01")[0] == 0
    assert ecom(*simulate, "--end", "2026-03-02")[0] == 0
    held = remembered(home)
    assert held is not None
    assert (held.growth, held.plan(0).growth, held.end) == (0, 0, date(2026, 3, 2))
    code, text = ecom(*simulate, "--growth", "0.25", "--end", "2026-03-03")
    assert (code, "holds a simulation of growth 0.0, not 0.25" in text) == (1, True)


@pytest.mark.parametrize("said", ["{bad", '{"scale": "demo"}', '{"grwth": 1}'])
def test_a_damaged_note_of_a_simulation_is_named(ecom, tmp_path: Path, said: str) -> None:  # type: ignore[no-untyped-def]
    home = Home(tmp_path)
    home.simulation.write_text(said)
    code, text = ecom("simulate", "--home", str(home.root))
    assert (code, text.startswith(f"error: {home.simulation} is damaged (")) == (1, True)


def test_the_demo_is_not_loaded_beside_another_shop(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    home = str(tmp_path / "shop")
    ecom("init", home, "--store", "my_shop", *INIT[2:])
    code, text = ecom("demo", "--home", home)
    assert (code, "is the home of my_shop: give the demo one of its own" in text) == (1, True)
    assert not (tmp_path / "shop" / "inbox" / "simmart").exists()


@pytest.mark.deep
def test_a_simulated_shop_goes_the_whole_way(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    home = str(tmp_path / "shop")
    days = ("--start", "2026-03-01", "--end")
    dirt = ("--dirt", "repeats=0.05")
    code, text = ecom("simulate", "--home", home, "--seed", "5", *days, "2026-03-02", *dirt)
    assert code == 0
    assert re.search(r"Dirt: \d+ repeats", text)
    assert "Scale demo, seed 5, 2026-03-01 to 2026-03-02:" in text
    assert "rows per second" in text
    code, text = ecom("run", "--home", home)
    assert (code, "rejected 0, files set aside 0" in text) == (0, True)
    sql = "select sales_on, orders > 300 as many from kpi_sales_daily order by 1"
    answer = json.loads(ecom("query", sql, "--home", home, "--format", "json")[1])
    assert answer == [
        {"sales_on": "2026-03-01", "many": True},
        {"sales_on": "2026-03-02", "many": True},
    ]


@pytest.mark.deep
def test_the_quarantine_of_files_and_long_lines(ecom, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """JSON and CSV left out the files set aside and cut long lines; nothing told the store."""
    home = Home(tmp_path / "shop")
    ecom("init", str(home.root), *INIT)
    deliver(home, "2011-08-07.csv")
    path = home.feed_inbox(STORE, FEED) / "2011-08-07.csv"
    path.write_text(f"{path.read_text()}1,2,{'ö' * 300},many,2011-08-07 10:24:00,1,1,UK\n")
    (home.feed_inbox(STORE, FEED) / "2011-08-08.csv").write_bytes(b"")
    assert ecom("run", "--home", str(home.root))[0] == 0
    ask = ("quarantine", "--home", str(home.root))
    text = ecom(*ask)[1]
    assert f"set aside: {STORE}/{FEED}/2011-08-08.csv: the file is empty" in text
    assert ("ö…" in text, "ö" * 300 in text) == (True, False)
    file, row = json.loads(ecom(*ask, "--format", "json")[1])
    assert (file["store_id"], file["feed"], file["source_file"]) == (STORE, FEED, "2011-08-08.csv")
    assert (file["rule"], file["source_row"], row["feed"]) == ("set_aside", None, FEED)
    assert "ö" * 300 in row["raw_text"]
    assert "1 file set aside" in ecom("quarantine", "orders", *ask[1:])[1]
    assert "0 files set aside" in ecom("quarantine", "fx_rates", *ask[1:])[1]


@pytest.mark.deep
def test_files_set_aside_by_earlier_loads_are_told_beside_those_of_this_one(  # type: ignore[no-untyped-def]
    ecom, tmp_path: Path
) -> None:
    """`ecom run` told "files set aside 0" while the files of earlier loads were still missing."""
    home = Home(tmp_path / "shop")
    ecom("init", str(home.root), *INIT)
    deliver(home, "2011-08-07.csv")
    (home.feed_inbox(STORE, FEED) / "2011-08-08.csv").write_bytes(b"")
    text = ecom("run", "--home", str(home.root))[1]
    assert "files set aside 1" in text
    assert "Still set aside" not in text
    still = "Still set aside from earlier: 1 file; see: ecom quarantine"
    assert still in ecom("run", "--home", str(home.root))[1]
    deliver(home, "2011-08-09.csv")
    text = ecom("run", "--home", str(home.root))[1]
    assert "files set aside 0" in text
    assert still in text
    assert "1 file set aside" in ecom("status", "--home", str(home.root))[1]


def test_an_interrupted_command_says_so(  # type: ignore[no-untyped-def]
    ecom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while a load started up ended it without a word."""

    def interrupt(_home: Path | None) -> Home:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "chosen_home", interrupt)
    assert ecom("run") == (130, "interrupted before it was done: run it again to go on\n")
