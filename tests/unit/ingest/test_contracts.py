"""The contracts of the raw datasets and the model they are read by."""

import duckdb
import pytest
from pydantic import ValidationError

from ecom_assets.contracts import Contract, load_contracts
from ecom_assets.contracts.model import LINEAGE_COLUMNS, SQL_TYPES
from ecom_assets.duck import identifier

BASE = {
    "dataset": "raw_things",
    "description": "Things.",
    "grain": "one row per thing",
    "owner": "team:sales",
    "key": ["thing_id"],
    "columns": [{"name": "thing_id", "type": "text", "description": "Its number."}],
}


def test_all_thirteen_datasets_of_the_data_model_have_a_contract() -> None:
    assert list(load_contracts()) == [
        "raw_campaign_spend",
        "raw_campaigns",
        "raw_customers",
        "raw_events",
        "raw_fx_rates",
        "raw_inventory_counts",
        "raw_inventory_movements",
        "raw_order_items",
        "raw_orders",
        "raw_payments",
        "raw_products",
        "raw_refunds",
        "raw_shipments",
    ]


@pytest.mark.parametrize("contract", load_contracts().values(), ids=lambda c: c.dataset)
def test_every_rule_and_default_of_a_contract_is_valid_sql(contract: Contract) -> None:
    columns = ", ".join(
        f"cast({c.default or 'null'} as {c.sql_type}) as {identifier(c.name)}"
        for c in contract.columns
    )
    rules = ", ".join(rule.sql for rule in contract.rules) or "true"
    assert duckdb.sql(f"select {rules} from (select {columns})").fetchall()


@pytest.mark.parametrize("contract", load_contracts().values(), ids=lambda c: c.dataset)
def test_key_columns_are_required_and_lineage_names_are_free(contract: Contract) -> None:
    columns = {column.name: column for column in contract.columns}
    assert all(columns[name].required for name in contract.key)
    assert not columns.keys() & LINEAGE_COLUMNS.keys()


def test_only_customers_products_and_campaigns_are_histories() -> None:
    histories = [name for name, contract in load_contracts().items() if contract.is_history]
    assert histories == ["raw_campaigns", "raw_customers", "raw_products"]


def test_a_tables_columns_are_the_business_columns_then_the_lineage() -> None:
    schema = Contract.model_validate(BASE).table_schema()
    assert list(schema) == ["thing_id", *LINEAGE_COLUMNS]
    assert set(schema.values()) <= {*SQL_TYPES.values()}


def test_the_name_of_a_contract_is_that_of_a_feeds_sql_file() -> None:
    contract = Contract.model_validate(BASE)
    assert (contract.name, contract.has_updated_at) == ("things", False)
    assert load_contracts()["raw_orders"].has_updated_at


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": ["nobody"]}, "raw_things: nobody is no column of the dataset"),
        ({"columns": BASE["columns"] * 2}, "raw_things: a column is declared twice"),
        ({"dataset": "things"}, "should match pattern"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_contract_says_what_is_wrong(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Contract.model_validate(BASE | change)
