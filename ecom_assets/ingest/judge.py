"""Judging: every delivered line against its feed, every dataset row against its contract.

Pure functions that return SQL for the scratch connection of ``ingest/load.py``. Faults are lists
of ``{rule, reason}``; an empty list accepts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ecom_assets.contracts import Column, Contract
from ecom_assets.duck import identifier, quote
from ecom_assets.feeds import Feed, FeedColumn
from ecom_assets.ingest.cast import cast_sql, wanted_sql

EXACT_TYPES = ("integer", "quantity", "money", "rate")
WHOLE_TYPES = ("SMALLINT", "INTEGER", "BIGINT")  # values of which no cast to an exact type rounds

# A slip of the pen must not stretch the calendar over centuries; a feed's column may begin earlier.
LAST_YEAR = 2099

TYPE_NAMES = {
    "integer": "whole number",
    "decimal": "number",
    "date": "date",
    "timestamp": "time",
    "local_timestamp": "local time",
    "quantity": "number with at most 14 digits and 4 decimals",
    "money": "amount with at most 14 digits and 4 decimals",
    "rate": "number with at most 10 digits and 8 decimals",
    "boolean": "truth value",
    "text": "text",
}


@dataclass(frozen=True)
class Fault:
    """A way to be wrong: SQL condition, rule name, and SQL text that says why.

    Attributes:
        condition: SQL that is true where something is wrong.
        rule: The rule's name.
        reason: SQL of the sentence.
        column: The column that is wrong, where it is one.
        value: SQL of what stands there, as text.
    """

    condition: str
    rule: str
    reason: str
    column: str | None = None
    value: str | None = None

    @property
    def sql(self) -> str:
        """The fault as SQL struct."""
        column = quote(self.column) if self.column else "null::varchar"
        value = f"left({self.value}::varchar, 80)" if self.value else "null::varchar"
        return (
            f"{{'rule': {quote(self.rule)}, 'reason': {self.reason}, "
            f"'column': {column}, 'value': {value}}}"
        )


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
    """Returns SQL that casts ``delivered`` to the feed's types, as the view ``cast_lines``.

    A text that does not fit its type becomes null; local times are still local.
    """
    return f"create or replace temp view cast_lines as {_cast_lines(feed)}"


def _cast_lines(feed: Feed) -> str:
    pairs = _sources(feed)
    casts = ", ".join(
        f"{cast_sql(c, source, feed.decimal_mark)} as {identifier(c.name)}" for c, source in pairs
    )
    text = ", ".join(f"coalesce({source}, '')" for _, source in pairs)
    row_text = f"concat_ws(chr(31), {text}) as row_text, " if feed.document else ""
    return f"select *, {row_text}{casts} from {_known(feed)}"


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


def clock_sql(feed: Feed, timezone: str) -> str:
    """Returns SQL for ``clock(minute, utc_minute)``: the local minutes of ``delivered``, in UTC."""
    moments = " union all ".join(
        f"select {identifier(column.name)} as moment from ({_cast_lines(feed)})"
        for column in local_columns(feed)
    )
    return CLOCK.format(zone=quote(timezone), moments=moments or "select null::timestamp as moment")


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
    derived_faults = (
        Fault(f"{result} is null", "expression_error", quote(f"{name} cannot be computed"))
        for name, result in tried.items()
    )
    type_faults = _faults([*column_faults, *derived_faults, *_currency_faults(feed, currency)])
    rule_faults = _faults(
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
            from ({_cast_lines(feed)}) as c {joins}
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


def dataset_rows_sql(contract: Contract, produced: Mapping[str, str], sql: str) -> str:
    """Returns SQL for a dataset's judged rows, a table named like the dataset.

    Args:
        contract: The dataset's contract.
        produced: The columns that the feed's SQL yields, with their SQL types.
        sql: The feed's SQL, a select over ``lines``.
    """
    known = [(column, column.name in produced) for column in contract.columns]
    values = "".join(f",\n {_value(c, is_produced=p)} as {identifier(c.name)}" for c, p in known)
    delivered = "".join(
        f",\n {identifier(c.name)} as {identifier('delivered_' + c.name)}" for c, p in known if p
    )
    faults = _faults(
        fault
        for column, is_produced in known
        for fault in _value_faults(column, produced.get(column.name) if is_produced else None)
    )
    rules = _faults(
        Fault(f"not ({rule.sql})", rule.name, quote(rule.reason)) for rule in contract.rules
    )
    document = "document_id" if "document_id" in produced else "cast(null as varchar)"
    names = ", ".join(identifier(column.name) for column in contract.columns)
    return f"""
        create or replace temp table {contract.dataset} as
        with produced as (select * from ({sql.strip().rstrip(";")})),
        valued as (
            select file_no, source_row, {document} as document_id{values}{delivered} from produced
        )
        select file_no, source_row, document_id, {names}, list_concat({faults}, {rules}) as faults
        from valued
    """


def repeated_keys_sql(contract: Contract, numbered: str | None = None) -> str:
    """Returns SQL for the keys that several rows of one file have, as ``conflicts_sql`` asks."""
    return f"""
        select r.file_no, {_key(contract)} from {_unnumbered(contract, numbered)} as r
        group by all having count(*) > 1
    """


def conflicts_sql(contract: Contract, numbered: str | None = None) -> str:
    """Returns SQL that rejects rows of one key in one file that differ, but for histories.

    With different ``updated_at`` they are versions; exact copies are no conflict.

    Args:
        contract: The dataset's contract.
        numbered: The column of ``lines`` that numbers the changes of a table: such lines are
            versions in their order, those without a number or with 0 are not.
    """
    names = map(identifier, _key_names(contract))
    same = " and ".join(f"r.{name} is not distinct from k.{name}" for name in names)
    content = ", ".join(f"{identifier(c.name)} := r.{identifier(c.name)}" for c in contract.columns)
    reason = quote(f"rows with one {', '.join(contract.key)} differ within one file")
    fault = Fault("true", "conflicting_key", reason, ", ".join(contract.key))
    return f"""
        update {contract.dataset} as r
        set faults = list_append(r.faults, {fault.sql})
        from (
            select r.file_no, {_key(contract)}
            from {_unnumbered(contract, numbered)} as r
            join ({repeated_keys_sql(contract, numbered)}) as k on r.file_no = k.file_no and {same}
            group by all
            having count(distinct struct_pack({content})) > 1
        ) as k
        where r.file_no = k.file_no and {same}
    """


def _key_names(contract: Contract) -> list[str]:
    return [*contract.key, *(["updated_at"] if contract.has_updated_at else [])]


def _key(contract: Contract) -> str:
    return ", ".join(f"r.{identifier(name)}" for name in _key_names(contract))


def _unnumbered(contract: Contract, numbered: str | None) -> str:
    if not numbered:
        return contract.dataset
    return (
        f"(select r.* from {contract.dataset} as r join lines as l on r.file_no = l.file_no and "
        f"r.source_row = l.source_row where coalesce(l.{identifier(numbered)}, 0) = 0)"
    )


def _sources(feed: Feed) -> list[tuple[FeedColumn, str]]:
    return [(column, f"d{index}") for index, column in enumerate(feed.columns)]


def local_columns(feed: Feed) -> list[FeedColumn]:
    """Returns the columns with local times: those that need ``clock``."""
    return [column for column in feed.columns if column.type == "local_timestamp"]


def _currency_faults(feed: Feed, currency: str) -> Iterable[Fault]:
    if feed.currency:
        told = f"upper(trim({identifier(feed.currency)}))"
        reason = f"concat('the amounts are in ', {told}, ', those of the store in {currency}')"
        header = feed.column(feed.currency).header
        is_other = f"{told} not in ('', {quote(currency)})"
        yield Fault(is_other, "other_currency", reason, header, identifier(feed.currency))


def _column_faults(column: FeedColumn, source: str, decimal_mark: str) -> Iterable[Fault]:
    if column.required:
        missing = quote(f"{column.header} is missing")
        is_blank = f"{identifier(column.name)} is null and coalesce(trim({source}), '') = ''"
        yield Fault(is_blank, "required", missing, column.header)
    if column.type != "text":
        wrong = _wrong_type(column.header, source, column.type)
        reason = f"concat({wrong}, {wanted_sql(column, source, decimal_mark)})"
        is_wrong = f"{identifier(column.name)} is null and trim({source}) <> ''"
        yield Fault(is_wrong, "type", reason, column.header, source)
    if column.is_moment:
        years = f"{column.first_year} and {LAST_YEAR}"
        shown = f"concat({quote(column.header + ': ')}, left(trim({source}), 80), "
        reason = f"{shown}{quote(f' is not between the years {years}')})"
        is_wrong = f"year({identifier(column.name)}) not between {years}"
        yield Fault(is_wrong, "range", reason, column.header, source)


def _value(column: Column, *, is_produced: bool) -> str:
    name = identifier(column.name)
    value = f"try_cast({name} as {column.sql_type})" if is_produced else "null"
    if column.default is not None:
        value = f"coalesce({value}, {column.default})"
    return f"cast({value} as {column.sql_type})"


def _value_faults(column: Column, produced_type: str | None) -> Iterable[Fault]:
    name, delivered = identifier(column.name), identifier(f"delivered_{column.name}")
    if column.required:
        missing = f"{name} is null" + (f" and {delivered} is null" if produced_type else "")
        yield Fault(missing, "required", quote(f"{column.name} is missing"), column.name)
    if produced_type and produced_type.lower() != column.sql_type:
        inexact = ""
        if column.type in EXACT_TYPES and produced_type.upper() not in WHOLE_TYPES:
            inexact = f" or try_cast({delivered} as decimal(38,10)) <> {name}"
        cast = f"try_cast({delivered} as {column.sql_type}) is null"
        reason = _wrong_type(column.name, f"cast({delivered} as varchar)", column.type)
        is_wrong = f"{delivered} is not null and ({cast}{inexact})"
        yield Fault(is_wrong, "type", reason, column.name, delivered)
    yield from _range_faults(column, name)


def _range_faults(column: Column, name: str) -> Iterable[Fault]:
    shown = f"concat({quote(column.name + ': ')}, left(cast({name} as varchar), 80), "
    if column.one_of:
        allowed = ", ".join(quote(value) for value in column.one_of)
        reason = f"{shown}{quote(' is none of ' + ', '.join(column.one_of))})"
        yield Fault(f"{name} not in ({allowed})", "one_of", reason, column.name, name)
    if column.pattern:
        reason = f"{shown}{quote(' does not match ' + column.pattern)})"
        is_other = f"not regexp_full_match({name}, {quote(column.pattern)})"
        yield Fault(is_other, "pattern", reason, column.name, name)
    for bound, operator, word in ((column.minimum, "<", "below"), (column.maximum, ">", "above")):
        if bound is not None:
            reason = f"{shown}{quote(f' is {word} {bound:g}')})"
            is_beyond = f"{name} {operator} {bound:.8f}"
            yield Fault(is_beyond, "range", reason, column.name, name)


def _wrong_type(name: str, text: str, type_name: str) -> str:
    wanted = quote(f" is no {TYPE_NAMES[type_name]}")
    return f"concat({quote(name + ': ')}, left({text}, 80), {wanted})"


def _faults(faults: Iterable[Fault]) -> str:
    """Lists the faults of a row; most rows have none and never build a list."""
    listed = list(faults)
    none = 'cast([] as struct("rule" varchar, reason varchar, "column" varchar, "value" varchar)[])'
    if not listed:
        return none
    any_fault = " or ".join(f"({fault.condition})" for fault in listed)
    cases = ", ".join(f"case when {fault.condition} then {fault.sql} end" for fault in listed)
    return (
        f"case when {any_fault} "
        f"then list_filter([{cases}], lambda fault: fault is not null) else {none} end"
    )
