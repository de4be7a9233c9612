"""Noting rejected lines, of faulty lines and of faulty rows, in ``rejected``.

Pure functions that return SQL for the scratch connection of ``judging.py``.
"""

from ecom_assets.contracts import Contract
from ecom_assets.duck import identifier, quote
from ecom_assets.feeds import Feed


def rejections_sql(contract: Contract, *, by_document: bool) -> str:
    """Returns SQL that notes the lines behind a dataset's faulty rows in ``rejected``.

    Args:
        contract: The dataset's contract.
        by_document: A row stands for its whole document, so all lines of that are rejected.
    """
    where = "l.file_no = r.file_no and " + (
        "(l.source_row = r.source_row or l.document_id = r.document_id)"
        if by_document
        else "l.source_row = r.source_row"
    )
    return f"""
        insert into rejected
        select l.file_no, l.source_row, {quote(contract.dataset)}, min(r.faults[1].rule),
            array_to_string(list_sort(list(distinct array_to_string(
                list_transform(r.faults, lambda fault: fault.reason), '; '))), '; '),
            min(r.faults[1].column), min(r.faults[1].value)
        from {contract.dataset} as r
        join lines as l on {where}
        where len(r.faults) > 0
        group by l.file_no, l.source_row
    """


def reject_lines_sql(feed: Feed) -> str:
    """Returns SQL that notes the faulty lines in ``rejected``, as the feed says with documents."""
    if not feed.whole_documents:
        return _REJECT_LINES
    document = identifier(str(feed.document))
    return f"""{_REJECT_LINES};
        insert into rejected
        select distinct t.file_no, t.source_row, null, 'document_rejected',
            'another line of ' || t.{document} || ' is rejected', null, null
        from typed as t
        join typed as faulty
            on t.file_no = faulty.file_no and t.{document} = faulty.{document}
        where len(faulty.faults) > 0 and len(t.faults) = 0
    """


_REJECT_LINES = """
    create or replace temp table rejected as
    select file_no, source_row, cast(null as varchar) as dataset, faults[1].rule as "rule",
        array_to_string(list_transform(faults, lambda fault: fault.reason), '; ') as reason,
        faults[1].column as "column", faults[1].value as "value"
    from typed where len(faults) > 0
"""
