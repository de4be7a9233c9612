"""Judging every row of a dataset against its contract, and rows of one key against each other.

Pure functions that return SQL for the scratch connection of ``judging.py``.
"""

from collections.abc import Iterable, Mapping

from ecom_assets.contracts import Column, Contract
from ecom_assets.duck import identifier, quote
from ecom_assets.ingest.fault import Fault, faults_sql, wrong_type

EXACT_TYPES = ("integer", "quantity", "money", "rate")
WHOLE_TYPES = ("SMALLINT", "INTEGER", "BIGINT")  # values of which no cast to an exact type rounds


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
    faults = faults_sql(
        fault
        for column, is_produced in known
        for fault in _value_faults(column, produced.get(column.name) if is_produced else None)
    )
    rules = faults_sql(
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
        reason = wrong_type(column.name, f"cast({delivered} as varchar)", column.type)
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
