"""Warehouse: the dbt project as Dagster assets, and the state of change around it."""
