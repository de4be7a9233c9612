"""Which tables a store is told to lack when a question has no answer of it."""

from ecom_assets.questions.answering import needed_tables
from ecom_assets.questions.catalogue import shipped_questions


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
