"""How the tables of the stock can be broken, by the check that must notice."""

ONE_DAY = (
    "(product_id, stock_on) = (select min((product_id, stock_on)) from fact_inventory_daily "
    "where opening_quantity > 0)"
)
COUNTED = "counted_quantity is not null"

BROKEN = {
    "assert_every_delivered_row_has_one_fate": [
        "update staging.main.stg_inventory_counts set quantity_on_hand = quantity_on_hand + 1",
        "delete from staging.main.stg_inventory_counts",
    ],
    "assert_stock_is_conserved": [
        *(
            f"update fact_inventory_daily set {column} = {column} + 1 where {ONE_DAY}"
            for column in (
                "opening_quantity",
                "received_quantity",
                "sold_quantity",
                "returned_quantity",
                "adjusted_quantity",
                "closing_quantity",
                "movements",
            )
        ),
        # both sides of a movement
        "update fact_inventory_daily set sold_quantity = sold_quantity + 1, "
        f"received_quantity = received_quantity + 1, closing_quantity = 0 where {ONE_DAY}",
        f"update fact_inventory_daily set counted_quantity = 0 where {COUNTED}",
        f"update fact_inventory_daily set counted_quantity = null where {COUNTED}",
        f"update fact_inventory_daily set count_difference_quantity = 9 where {COUNTED}",
        f"update fact_inventory_daily set valid_until_on = valid_until_on + 1 where {ONE_DAY}",
        f"delete from fact_inventory_daily where {ONE_DAY}",
        f"insert into fact_inventory_daily from fact_inventory_daily where {ONE_DAY}",
        "delete from fact_inventory_movements",
        "delete from staging.main.stg_inventory_counts",
    ],
    "assert_stock_is_not_below_zero": [
        f"update fact_inventory_daily set closing_quantity = -1 where {ONE_DAY}",
    ],
    "warn_stock_values_fit": [
        f"update fact_inventory_daily set closing_value_amount = null where {ONE_DAY}",
        f"update fact_inventory_daily set closing_value_base_amount = null where {ONE_DAY}",
    ],
    "assert_inventory_status_is_the_stock": [
        "update kpi_inventory_status set on_hand_quantity = on_hand_quantity + 1",
        "update kpi_inventory_status set value_amount = value_amount + 0.01",
        "update kpi_inventory_status set stock_out_days = -1",
        "delete from kpi_inventory_status where product_id = 'P1' and warehouse_id = 'north'",
    ],
    "assert_inventory_months_sum_to_days": [
        *(
            f"update kpi_inventory_turnover set {column} = {column} + 1"
            for column in (
                "received_quantity",
                "sold_quantity",
                "returned_quantity",
                "adjusted_quantity",
                "closing_quantity",
                "cost_of_sales_amount",
            )
        ),
        "update kpi_inventory_turnover set opening_quantity = opening_quantity + 1, "
        "closing_quantity = closing_quantity + 1 where stock_month = '2024-02-01'",
        "update kpi_inventory_turnover set sell_through_rate = 1.1",
        "update kpi_inventory_turnover set stock_out_rate = -0.1",
        "delete from kpi_inventory_turnover",
    ],
    "assert_fact_inventory_daily_has_no_orphans": [
        f"update fact_inventory_daily set {key} = 'nowhere'"
        for key in ("product_key", "warehouse_key")
    ],
    "assert_fact_inventory_movements_has_no_orphans": [
        "update fact_inventory_movements set warehouse_key = 'nowhere'",
    ],
}
# What a shop without receipts and counts has no rows of.
TABLES = ("fact_inventory_daily", "kpi_inventory_status", "kpi_inventory_turnover")
