"""Which tables a store is told to lack when a question has no answer of it."""

from datetime import UTC, datetime
from pathlib import Path

from ecom_assets.duck import warehouse_connection
from ecom_assets.home import Home
from ecom_assets.publish.versions import Version, draft_version, switch_to
from ecom_assets.questions.answering import answer_question, needed_tables
from ecom_assets.questions.catalogue import shipped_questions
from ecom_assets.questions.question import Question


def test_what_no_delivery_fills_is_not_wanting() -> None:
    """Until the analytics are computed, no store delivers anything that could fill them."""
    sql = shipped_questions()["lifetime_value"].sql
    assert "join store_horizon" in sql
    assert "from kpi_customer_value" in sql
    assert needed_tables(sql) == ["fact_returns", "fact_sales"]
    assert needed_tables(shipped_questions()["suspicious"].sql) == [
        "kpi_data_quality",
        "kpi_fraud_daily",
    ]


def test_a_store_whose_rows_all_wait_is_told_so(tmp_path: Path) -> None:
    """It was told to deliver none: of 296 refunds no order was known, and no return was counted."""
    home = Home(tmp_path)
    with warehouse_connection(home) as connection:
        connection.execute(
            """
            use warehouse;
            create table dim_stores as select unnest(['a', 'b']) as store_id;
            create table fact_returns (store_id varchar, amount decimal(18, 4));
            create table pending_rows as
                select 'a' as store_id, 'raw_refunds' as dataset from range(296)
                union all select 'b', 'raw_payments';
            """
        )
    draft = draft_version(home, "v1", [], None)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    version = Version(version="v1", generation="", published_at=now, run_id="", rows={})
    switch_to(home, draft, version)
    sql = "select store_id, sum(amount) as amount from fact_returns group by store_id"
    question = Question(name="refunds", title="t", definition="d", sql=sql)
    assert answer_question(home, question, {}).silent == (
        "Of a there is nothing to tell: 296 rows that would fill fact_returns wait for others, "
        "see pending_rows.",
        "Of b there is nothing to tell: it delivers nothing that fills fact_returns.",
    )
