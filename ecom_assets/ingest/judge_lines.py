"""Judging every delivered line against its feed: types, required columns, rules, the clock.

Pure functions that return SQL for the scratch connection of ``judging.py``.
"""

from collections.abc import Iterable

from ecom_assets.duck import identifier, quote
from ecom_assets.feeds import Feed, FeedColumn
from ecom_assets.ingest.cast import cast_sql, wanted_sql
from ecom_assets.ingest.fault import Fault, faults_sql, wrong_type

# A slip of the pen must not stretch the calendar over centuries; a feed's column may begin earlier.
LAST_YEAR = 2099

# Local times that occur twice are the first occurrence; times that never occur (the skipped hour)
# are read with the offset before the gap. A zone's offset never changes within a minute, so the
# costly conversion is done once per minute that occurs.
CLOCK = """
    create or replace temp table clock as
    select minute,
        case
            when timezone({zone}, instant - interval 1 hour) = minute then instant - interval 1 hour
            when timezone({zone}, instant - interval 30 minute) = minute
                then instant - interval 30 minute
            else instant
        end at time zone 'UTC' as utc_minute
    from (
        select minute, timezone({zone}, minute) as instant
        from (select distinct date_trunc('minute', moment) as minute from ({moments}))
        where minute is not null
    )
"""


def cast_lines_sql(feed: Feed) -> str:
    """Returns a select that casts ``delivered`` to the feed's types.

    A text that does not fit its type becomes null; local times are still local.
    """
    pairs = _sources(feed)
    casts = ", ".join(f"{_value(feed, c, source)} as {identifier(c.name)}" for c, source in pairs)
    text = ", ".join(f"coalesce({source}, '')" for _, source in pairs)
    row_text = f"concat_ws(chr(31), {text}) as row_text, " if feed.document else ""
    return f"select *, {row_text}{casts} from {_known(feed)}"


def _value(feed: Feed, column: FeedColumn, source: str) -> str:
    """Returns a text as a value; of a day whose time is told beside it, with that."""
    value = cast_sql(column, source, feed.decimal_mark)
    if not column.time:
        return value
    time = f"try_cast(trim({_source(feed, column.time)}) as time)"
    return f"cast({value} as date) + coalesce({time}, time '00:00')"


def _source(feed: Feed, name: str) -> str:
    return next(source for column, source in _sources(feed) if column.name == name)


def _known(feed: Feed) -> str:
    """Returns the delivered lines, with words that the feed takes for nothing as nothing."""
    if not feed.nulls:
        return "delivered"
    words = ", ".join(quote(word) for word in feed.nulls)
    replaced = ", ".join(
        f"case when trim({source}) not in ({words}) then {source} end as {source}"
        for _, source in _sources(feed)
    )
    return f"(select * replace ({replaced}) from delivered)"


def local_columns(feed: Feed) -> list[FeedColumn]:
    """Returns the columns with local times: those that need ``clock``."""
    return [column for column in feed.columns if column.type == "local_timestamp"]


def clock_sql(feed: Feed, timezone: str) -> str:
    """Returns SQL for ``clock(minute, utc_minute)``: the local minutes of ``delivered``, in UTC.

    Only for a feed with ``local_columns``.
    """
    moments = " union all ".join(
        f"select {identifier(column.name)} as moment from ({cast_lines_sql(feed)})"
        for column in local_columns(feed)
    )
    return CLOCK.format(zone=quote(timezone), moments=moments)


def typed_lines_sql(feed: Feed, currency: str) -> str:
    """Returns SQL that turns ``delivered`` into ``typed``: casts, UTC, derived columns, faults.

    The delivered texts stay behind.

    Args:
        feed: The feed.
        currency: The store's currency.
    """
    # an expression that fails, as by an overflow, rejects its line: only then is try([..]) null
    tried = {name: identifier(f"{name} tried") for name in feed.derived}
    derived = "".join(
        f",\n try([{sql}]) as {tried[name]}, {tried[name]}[1] as {identifier(name)}"
        for name, sql in feed.derived.items()
    )
    column_faults = (
        fault
        for column, source in _sources(feed)
        for fault in _column_faults(column, source, feed.decimal_mark)
    )
    time_faults = (
        _time_fault(feed.column(column.time), _source(feed, column.time))
        for column in feed.columns
        if column.time
    )
    derived_faults = (
        Fault(f"{result} is null", "expression_error", quote(f"{name} cannot be computed"))
        for name, result in tried.items()
    )
    told = [*column_faults, *time_faults, *derived_faults, *_currency_faults(feed, currency)]
    type_faults = faults_sql(told)
    rule_faults = faults_sql(
        Fault(f"not coalesce(try(({rule.sql})), false)", rule.name, quote(rule.reason))
        for rule in feed.rules
    )
    local = [identifier(column.name) for column in local_columns(feed)]
    replaced = ", ".join(
        f"k{no}.utc_minute + (c.{name} - k{no}.minute) as {name}" for no, name in enumerate(local)
    )
    joins = " ".join(
        f"left join clock as k{no} on date_trunc('minute', c.{name}) = k{no}.minute"
        for no, name in enumerate(local)
    )
    left = ["type_faults", *(source for _, source in _sources(feed)), *tried.values()]
    return f"""
        create or replace temp table typed as
        with in_utc as (
            select c.* {f"replace ({replaced})" if local else ""}
            from ({cast_lines_sql(feed)}) as c {joins}
        ),
        derived_lines as (
            select *{derived}, {type_faults} as type_faults from in_utc
        )
        select * exclude ({", ".join(left)}),
            case when len(type_faults) > 0 then type_faults else {rule_faults} end as faults
        from derived_lines
    """


def lines_sql(feed: Feed) -> str:
    """Returns SQL for ``lines``: the accepted lines as a feed's SQL sees them.

    Adds ``document_id``, ``document_at`` (earliest ``document_time`` of the document),
    ``line_number`` (lines of a document ordered by their delivered text, then row) and
    ``is_duplicate`` (an equal line of the document comes before it).
    """
    moment = identifier(feed.document_time) if feed.document_time else "cast(null as timestamp)"
    if feed.document is None:  # each line is a document of its own; windows would cost a second
        return f"""
            create or replace temp view lines as
            select t.* exclude (faults), cast(null as varchar) as document_id,
                {moment} as document_at, 1 as line_number, false as is_duplicate
            from typed as t
            where {_NOT_REJECTED}
        """
    partition = f"file_no, {identifier(feed.document)}"
    return f"""
        create or replace temp table document_lines as
        select * exclude (faults, row_text, document_rank),
            document_rank as line_number,
            document_rank > 1 and row_text = lag(row_text) over (
                partition by {partition} order by document_rank
            ) as is_duplicate
        from (
            select t.*,
                cast({identifier(feed.document)} as varchar) as document_id,
                min({moment}) over (partition by {partition}) as document_at,
                row_number() over (
                    partition by {partition} order by row_text, source_row
                ) as document_rank
            from typed as t
            where {_NOT_REJECTED}
        );
        create or replace temp view lines as from document_lines
    """


_NOT_REJECTED = """not exists (
    select 1 from rejected as r where r.file_no = t.file_no and r.source_row = t.source_row
)"""


def _sources(feed: Feed) -> list[tuple[FeedColumn, str]]:
    return [(column, f"d{index}") for index, column in enumerate(feed.columns)]


def _currency_faults(feed: Feed, currency: str) -> Iterable[Fault]:
    if feed.currency:
        told = f"upper(trim({identifier(feed.currency)}))"
        reason = f"concat('the amounts are in ', {told}, ', those of the store in {currency}')"
        header = feed.column(feed.currency).header
        is_other = f"{told} not in ('', {quote(currency)})"
        yield Fault(is_other, "other_currency", reason, header, identifier(feed.currency))


def _time_fault(column: FeedColumn, source: str) -> Fault:
    reason = (
        f"concat({quote(column.header + ': ')}, left(trim({source}), 80), ' is no time of day')"
    )
    is_wrong = f"try_cast(trim({source}) as time) is null and trim({source}) <> ''"
    return Fault(is_wrong, "type", reason, column.header, source)


def _column_faults(column: FeedColumn, source: str, decimal_mark: str) -> Iterable[Fault]:
    if column.required:
        missing = quote(f"{column.header} is missing")
        is_blank = f"{identifier(column.name)} is null and coalesce(trim({source}), '') = ''"
        yield Fault(is_blank, "required", missing, column.header)
    if column.type != "text":
        wrong = wrong_type(column.header, source, column.type)
        reason = f"concat({wrong}, {wanted_sql(column, source, decimal_mark)})"
        is_wrong = f"{identifier(column.name)} is null and trim({source}) <> ''"
        yield Fault(is_wrong, "type", reason, column.header, source)
    if column.is_moment:
        years = f"{column.first_year} and {LAST_YEAR}"
        shown = f"concat({quote(column.header + ': ')}, left(trim({source}), 80), "
        reason = f"{shown}{quote(f' is not between the years {years}')})"
        is_wrong = f"year({identifier(column.name)}) not between {years}"
        yield Fault(is_wrong, "range", reason, column.header, source)
