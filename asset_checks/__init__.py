"""Asset checks that stand before dbt (raw) and after it (publication).

What stands over dbt tables is a dbt test beside its model.
"""
