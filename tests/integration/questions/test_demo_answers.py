"""What is answered of the demo is what Python makes of its facts, and what the page shows."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ecom_assets.publish.versions import current_folder
from ecom_assets.questions.catalogue import shipped_questions
from ecom_assets.questions.document import document
from tests.integration.conftest import Demo
from tests.integration.questions.answered_facts import Answer, Facts
from tests.integration.questions.recomputed_answers import RECOMPUTED
from tests.integration.questions.test_questions import (
    QUESTIONS,
    not_total,
    rows,
    settings_of,
    shuffled,
)

pytestmark = [pytest.mark.integration, pytest.mark.deep]

PAGE = Path(__file__).resolve().parents[3] / "docs" / "questions.md"
ALL = 999_999


@pytest.fixture(scope="module")
def published(demo: Demo) -> Iterator[duckdb.DuckDBPyConnection]:
    path = current_folder(demo.home) / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def facts(published: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return Facts(published, str(tmp_path_factory.mktemp("facts")))


def test_the_page_shows_what_the_demo_answers(demo: Demo) -> None:
    """``ecom ask --docs`` after `make demo` writes it anew."""
    assert PAGE.read_text("utf-8") == "".join(f"{part}\n" for part in document(demo.home))


@pytest.mark.parametrize("name", RECOMPUTED)
def test_an_answer_is_what_python_makes_of_the_facts(
    published: duckdb.DuckDBPyConnection, facts: Facts, name: str
) -> None:
    columns, recompute = RECOMPUTED[name]
    key = ("store_id", *columns.split())
    found: Answer = {
        tuple(row[column] for column in key): row
        for row in rows(published, shipped_questions()[name], {}, ALL)
    }
    expected = recompute(facts)
    assert len(expected) > 2
    assert {k: {c: found[k][c] for c in row} for k, row in expected.items() if k in found} == (
        expected
    )
    beyond = [found[k] for k in found.keys() - expected.keys()]
    assert [row for row in beyond if name != "rush_hours" or row["sales_amount"]] == []


def test_no_answer_depends_on_the_order_of_rows(
    demo: Demo, published: duckdb.DuckDBPyConnection
) -> None:
    with shuffled(current_folder(demo.home)) as other:
        for question in QUESTIONS:
            for chosen in settings_of(question):
                found = rows(published, question, chosen, 30)
                assert found == rows(other, question, chosen, 30), question.name
                assert not_total(question, found) == []


def test_all_that_is_sold_is_in_the_answers(published: duckdb.DuckDBPyConnection) -> None:
    """Every split of the net sales adds up to those of the days."""
    whole = published.execute(
        "select store_id, sum(net_amount) from kpi_sales_daily group by 1 order by 1"
    ).fetchall()
    for name in ("places", "channels", "segments"):
        sums: dict[str, object] = {}
        for row in rows(published, shipped_questions()[name], {}, ALL):
            sums[row["store_id"]] = row["net_amount"] + sums.get(row["store_id"], 0)
        assert sorted(sums.items()) == whole, name


def test_campaigns_of_a_month_are_those_of_their_table(
    published: duckdb.DuckDBPyConnection,
) -> None:
    april = {"first_month": "2026-04-01", "last_month": "2026-04-01"}
    chosen = {**april, "model": "last_non_direct"}
    answer = rows(published, shipped_questions()["campaigns"], chosen, ALL)
    known = published.execute(
        """
        select campaign_id, spend_amount, attributed_orders, attributed_net_amount,
            attributed_margin_amount, round(roas, 6), round(roi, 6)
        from kpi_campaign_performance
        where performance_month = '2026-04-01' order by spend_amount desc, campaign_id
        """
    ).fetchall()
    names = ("campaign_id", "spend_amount", "orders", "net_amount", "margin_amount", "roas", "roi")
    assert len(known) > 10
    assert [tuple(row[name] for name in names) for row in answer] == known
