"""Casting delivered text to typed values, strictly: what is not plainly a value is none.

Pure functions that return SQL.
"""

from ecom_assets.duck import quote
from ecom_assets.feeds import FeedColumn

# What DuckDB casts is wider than what a file may mean: 1_000, 0x10, infinity, epoch, 20111-08-07.
WHOLE_NUMBER = r"[+-]?\d{1,14}(\.0*)?"
PLAIN_MONEY = r"[+-]?\d{1,14}(\.\d{0,4})?"
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
DAY = r"\d{4}-\d{1,2}-\d{1,2}"
TIME_OF_DAY = r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
MOMENT_WITH_OFFSET = rf"{DAY}[T ]\d{{1,2}}:\d{{2}}:\d{{2}}(\.\d+)?(Z|[+-]\d{{2}}(:?\d{{2}})?)"
MOMENTS = {
    "date": rf"{DAY}([T ]00:00(:00(\.0+)?)?)?",
    "timestamp": rf"{DAY}({TIME_OF_DAY})?",
    "local_timestamp": rf"{DAY}({TIME_OF_DAY})?",
}
COMMA_NUMBER = r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d*)?"


def cast_sql(column: FeedColumn, source: str, decimal_mark: str = ".") -> str:
    """Returns a delivered text as a value of its column's type; null where it is none.

    Args:
        column: The column, with its type and format.
        source: SQL of the delivered text.
        decimal_mark: What stands before the decimals of its numbers; where that is a comma,
            points may group the digits before it by three.
    """
    text = f"nullif(trim({source}), '')"
    if decimal_mark == "," and column.type in ("integer", "money", "decimal"):
        text = _with_point(text)
    if column.type == "text":
        return f"case when trim({source}) <> '' then {source} end"
    if column.type == "integer":
        return _cast_matching(text, WHOLE_NUMBER, "bigint")
    if column.type == "money":
        return _cast_money(text)
    if column.type == "decimal":
        return _cast_matching(text, NUMBER, "decimal(38,10)")
    return _cast_moment(column, text)


def wanted_sql(column: FeedColumn, source: str, decimal_mark: str) -> str:
    """Returns SQL of what to say of a text that is no value of its column's type: how it may be."""
    if column.is_moment:
        plain = "YYYY-MM-DD" if column.type == "date" else "YYYY-MM-DD HH:MM:SS"
        return quote(f" of the format {column.format or plain}")
    other = "." if decimal_mark == "," else ","
    told = quote(f": the feed's decimal mark is '{decimal_mark}'")
    return f"case when contains({source}, {quote(other)}) then {told} else '' end"


def _cast_moment(column: FeedColumn, text: str) -> str:
    if column.format:
        # strptime takes `infinity` and `epoch` whatever the format says.
        dated = f"case when {text} similar to '.*[0-9].*' then {text} end"
        moment = f"try_strptime({dated}, {quote(column.format)})"
        if "%z" in column.format.lower():
            moment = f"timezone('UTC', {moment})"
        return f"try_cast({moment} as {column.sql_type})"
    plain = _cast_matching(text, MOMENTS[column.type], column.sql_type)
    if column.type != "timestamp":
        return plain
    # A cast to timestamp would leave an offset out, as if the time were in UTC.
    exact = _cast_matching(text, MOMENT_WITH_OFFSET, "timestamptz")
    return f"coalesce({plain}, timezone('UTC', {exact}))"


def _cast_matching(text: str, pattern: str, sql_type: str) -> str:
    return (
        f"case when regexp_full_match({text}, '{pattern}') then try_cast({text} as {sql_type}) end"
    )


def _cast_money(text: str) -> str:
    """Casts exactly; the digits that binary floats add far behind the point are forgiven.

    The pattern is the fast way: casting text to a 38-digit decimal takes twenty times as long.
    """
    wide = _cast_matching(text, NUMBER, "decimal(38,10)")
    return f"""case
        when regexp_full_match({text}, '{PLAIN_MONEY}') then try_cast({text} as decimal(18,4))
        when abs({wide} - round({wide}, 4)) < 0.00000001 then try_cast({wide} as decimal(18,4))
    end"""


def _with_point(text: str) -> str:
    """Turns 1.234,50 into 1234.50; what has its marks elsewhere is no number."""
    digits = f"replace(replace({text}, '.', ''), ',', '.')"
    return f"case when regexp_full_match({text}, '{COMMA_NUMBER}') then {digits} end"
