"""Checks over the lake: identity 1, and whether what was delivered is good enough to publish.

Every function judges the whole lake, never only what a run read, and returns a verdict with the
offending rows; ``asset_checks/assets.py`` wires them to Dagster and to the gate. A check reads the
footers of all parts; what needs their rows is counted beforehand (``warehouse/file_counts.py``).
"""

from collections.abc import Callable, Sequence
from typing import Any

import duckdb

from ecom_assets.contracts import Contract, load_contracts
from ecom_assets.duck import identifier
from ecom_assets.ingest.parts import QUARANTINE
from ecom_assets.publish.gate import EXAMPLE_ROWS, Verdict
from ecom_assets.sources.failed_pulls import SOURCES_REACHED
from ecom_assets.wording import counted, some_of

FILES_RECONCILE = "files_reconcile"
REJECTED_SHARE = "rejected_share_within_limit"
FILES_READABLE = "files_readable"
KNOWN_COLUMNS = "columns_known"
KEPT_COLUMNS = "columns_kept"
RATES_DELIVERED = "rates_delivered"
CONTRACT = "contract_holds"

Check = Callable[[duckdb.DuckDBPyConnection], Verdict]


def files_reconcile(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """Identity 1: per file, rows delivered = rows found in the lake + rows in quarantine.

    A line that feeds several datasets counts once; a line that feeds none is missing, and so is a
    line of a document that only its order holds. A row that is lost in one dataset and held in
    another shows in what the parts of the dataset lack.
    """
    lost = _rows(connection, _lost_rows_sql())
    rows = _rows(
        connection,
        """
        select d.store_id, d.feed, d.name as file, d.delivered_rows,
            coalesce(c.held_rows, 0) as accepted_rows,
            coalesce(c.quarantined_rows, 0) as quarantined_rows
        from staging.raw.deliveries as d
        full join staging.state.counted_files as c
            on d.store_id = c.store_id and d.feed = c.feed and d.name = c.name
            and d.delivered_on = c.delivered_on
        where d.delivered_rows is distinct from
                coalesce(c.accepted_rows, 0) + coalesce(c.quarantined_rows, 0)
            or c.held_rows <> c.accepted_rows
            or d.quarantined_rows is distinct from coalesce(c.quarantined_rows, 0)
            or c.distinct_records <> c.records
        order by 1, 2, 3
        """,
    )
    return _verdict(
        FILES_RECONCILE,
        [*rows, *lost],
        "place",
        "where delivered rows are not all either accepted or quarantined: "
        "does the feed's SQL leave lines out?",
    )


def _lost_rows_sql() -> str:
    tables = {**{name: name for name in load_contracts()}, QUARANTINE: "quarantined_rows"}
    held = " union all ".join(
        f"select '{dataset}' as dataset, count(*) as held_rows from staging.raw.{table}"
        for dataset, table in tables.items()
    )
    return f"""
        select dataset, coalesce(sum(parts.rows), 0) as accepted_rows,
            any_value(held_rows) as held_rows
        from ({held}) left join staging.raw.parts as parts using (dataset)
        group by dataset
        having accepted_rows <> held_rows
        order by dataset
    """


def rejected_share_within_limit(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """Of the rows that a feed delivered at once, no larger share than allowed was rejected."""
    rows = _rows(
        connection,
        f"select * exclude (landed_at) from ({_OVER_THE_LIMIT}) order by 1, 2, landed_at",
    )
    return _verdict(
        REJECTED_SHARE,
        rows,
        "delivery",
        "of a feed with more rows rejected than max_rejected_pct allows: see "
        "`ecom quarantine`, deliver the file again, or raise the limit in stores.yaml",
        examples=_rejected_examples(connection) if rows else (),
    )


def files_readable(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """No file was set aside; blocks where the feed is required."""
    rows = _rows(
        connection,
        """
        select store_id, feed, name as file, message, required
        from staging.raw.deliveries where status = 'set_aside' order by required desc, 1, 2, 3
        """,
    )
    blocking = any(row["required"] for row in rows)
    return _verdict(
        FILES_READABLE,
        rows,
        "file",
        f"set aside: {_files(rows)}: deliver again",
        blocking=blocking,
    )


def sources_reached(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """Every source could be pulled when last tried; blocks where the feed is required."""
    rows = _rows(
        connection,
        """
        select store_id, feed, failed_at, message, required
        from staging.raw.failed_pulls order by required desc, 1, 2
        """,
    )
    blocking = any(row["required"] for row in rows)
    return _verdict(
        SOURCES_REACHED,
        rows,
        "feed",
        "not pulled from the source: mend that, then `ecom run`",
        blocking=blocking,
    )


def columns_known(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """No file has columns that its feed does not know; a warning, their values are kept."""
    rows = _rows(
        connection,
        """
        select store_id, feed, name as file, extra_columns,
            array_to_string(cast(cast(extra_column_names as json) as varchar[]), ', ') as columns
        from staging.raw.deliveries where extra_columns > 0 order by 1, 2, 3
        """,
    )
    return _verdict(
        KNOWN_COLUMNS,
        rows,
        "file",
        "with columns that feed.yaml does not name; their values are kept as overflow: "
        f"{_files_with_columns(rows)}",
        blocking=False,
    )


def columns_kept(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """No file lacks a declared column that an earlier file of its store and feed had; a warning.

    Earlier is what was delivered before, or under the same name. A column that no file has had yet
    is not missed. Where a column is optional, its values would go out of what is published without
    a word: a tax that is not delivered any more is a tax of nothing.
    """
    rows = _rows(connection, _COLUMNS_NOT_KEPT)
    return _verdict(
        KEPT_COLUMNS,
        rows,
        "file",
        "without columns that earlier files of the feed had; their values are now empty: "
        f"{_files_with_columns(rows)}. Deliver again with these columns, unless they are gone "
        "for good",
        blocking=False,
    )


def rates_delivered(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """A store in another currency than the reports has a feed of rates; a warning."""
    rows = _rows(
        connection,
        """
        select store_id, currency_code, reporting_currency_code
        from staging.raw.stores
        where currency_code <> reporting_currency_code and not has_rates
        order by 1
        """,
    )
    stores = some_of([f"{row['store_id']} ({row['currency_code']})" for row in rows])
    reports = rows[0]["reporting_currency_code"] if rows else ""
    return _verdict(
        RATES_DELIVERED,
        rows,
        "store",
        f"with another currency than the reports ({reports}) and no feed of rates: {stores}. Its "
        "*_base_amount columns stay empty: give it a feed that fills fx_rates (as "
        "simmart_fx_rates), or change reporting_currency in stores.yaml",
        blocking=False,
    )


def contract_holds(contract: Contract) -> Check:
    """Returns the check that all rows of a dataset in the lake satisfy its contract's basics.

    The rows were judged one by one when they were read; this looks at what lies in the lake now.
    """
    required = [column.name for column in contract.columns if column.required]
    faults = " or ".join(f"{identifier(name)} is null" for name in required)
    shown = ", ".join([*contract.key, "source_file", "source_row"])

    def check(connection: duckdb.DuckDBPyConnection) -> Verdict:
        rows = _rows(
            connection, f"select {shown} from staging.raw.{contract.dataset} where {faults}"
        )
        return _verdict(
            f"{contract.dataset}:{CONTRACT}",
            rows,
            "row",
            f"of {contract.dataset} without {', '.join(required)}",
        )

    return check


_COLUMNS_NOT_KEPT = """
    with loaded as (
        select store_id, feed, name, (delivered_on, landed_at, name) as came,
            cast(cast(missing_columns as json) as varchar[]) as missing,
            cast(cast(lost_columns as json) as varchar[]) as lost
        from staging.raw.deliveries where status = 'loaded'
    ),
    absent as (
        select store_id, feed, name, came, lost,
            unnest(missing) as column_name, generate_subscripts(missing, 1) as position
        from loaded where len(missing) > 0
    ),
    first_had as (
        select m.store_id, m.feed, m.column_name, min(l.came) as came
        from (select distinct store_id, feed, column_name from absent) as m
        join loaded as l on m.store_id = l.store_id and m.feed = l.feed
        where not list_contains(l.missing, m.column_name)
        group by m.store_id, m.feed, m.column_name
    )
    select a.store_id, a.feed, a.name as file,
        string_agg(a.column_name, ', ' order by a.position) as columns
    from absent as a
    left join first_had as h
        on a.store_id = h.store_id and a.feed = h.feed and a.column_name = h.column_name
    where list_contains(a.lost, a.column_name) or coalesce(h.came < a.came, false)
    group by a.store_id, a.feed, a.name, a.came
    order by a.store_id, a.feed, a.came
"""


def _files(rows: Sequence[dict[str, Any]]) -> str:
    return some_of([f"{row['store_id']}/{row['feed']}/{row['file']}" for row in rows])


def _files_with_columns(rows: Sequence[dict[str, Any]]) -> str:
    return some_of(
        [f"{row['store_id']}/{row['feed']}/{row['file']} ({row['columns']})" for row in rows]
    )


_OVER_THE_LIMIT = """
    select store_id, feed, landed_at, sum(delivered_rows) as delivered_rows,
        sum(quarantined_rows) as quarantined_rows,
        round(100.0 * sum(quarantined_rows) / sum(delivered_rows), 2) as rejected_pct,
        max(max_rejected_pct) as max_rejected_pct
    from staging.raw.deliveries
    where status = 'loaded'
    group by store_id, feed, landed_at
    having sum(quarantined_rows) * 100 > sum(delivered_rows) * max(max_rejected_pct)
"""


def _rejected_examples(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Returns some of the rejected rows of the deliveries over the limit, and of no others."""
    return _rows(
        connection,
        f"""
        select store_id, source_file as file, source_row, rule, reason
        from staging.raw.quarantined_rows as q
        semi join ({_OVER_THE_LIMIT}) as o
            on q.store_id = o.store_id and q.feed = o.feed and q.landed_at = o.landed_at
        order by all limit {EXAMPLE_ROWS}
        """,
    )


def _verdict(
    name: str,
    rows: Sequence[dict[str, Any]],
    noun: str,
    rest: str,
    *,
    blocking: bool = True,
    examples: Sequence[dict[str, Any]] = (),
) -> Verdict:
    return Verdict(
        name=name,
        passed=not rows,
        blocking=blocking,
        message="" if not rows else f"{counted(len(rows), noun)} {rest}",
        rows=(*rows, *examples)[:EXAMPLE_ROWS],
        found=len(rows),
    )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql)
    names = [str(column[0]) for column in cursor.description or []]
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for row in cursor.fetchall()
    ]


def _plain(value: object) -> str | int | bool | None:
    return value if value is None or isinstance(value, str | int | bool) else str(value)
