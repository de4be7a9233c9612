"""Casting delivered text to typed values, strictly: what is not plainly a value is none.

Pure functions that return SQL. What is delivered as it should be goes the fast way: a trim costs
more than a match and a cast together, so text is trimmed only where it is no value as it stands.
"""

from collections.abc import Sequence

from ecom_assets.duck import quote
from ecom_assets.feeds import FeedColumn

# What DuckDB casts is wider than what a file may mean: 1_000, 0x10, infinity, epoch, 20111-08-07.
WHOLE_NUMBER = r"[+-]?\d{1,14}(\.0*)?"
PLAIN_MONEY = r"[+-]?\d{1,14}(\.\d{0,4})?"
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
DAY = r"\d{4}-\d{1,2}-\d{1,2}"
TIME_OF_DAY = r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
MOMENT_WITH_OFFSET = rf"{DAY}[T ]\d{{1,2}}:\d{{2}}:\d{{2}}(\.\d+)?[+-]\d{{2}}(:?\d{{2}})?"
MOMENTS = {
    "date": rf"{DAY}([T ]00:00(:00(\.0+)?)?)?",
    "timestamp": rf"{DAY}([T ]\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d+)?Z?)?)?",
    "local_timestamp": rf"{DAY}({TIME_OF_DAY})?",
}
COMMA_NUMBER = r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d*)?"
# What people write into numbers and no cast reads: 1,000.50 is wrong by a factor of 1000 where it
# is meant otherwise, and $10.00 where the store's currency is another one.
CURRENCY_SIGN = r"\p{Sc}|\b[A-Z]{3}\b"
GAP = r"[\s\x{A0}\x{202F}\x{2019}']"
GROUPED = rf"[+-]?\d{{1,3}}({GAP}\d{{3}})+([.,]\d*)?"
GROUPED_BY_COMMA = r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?"
TAKE_AWAY = "`derived` in feed.yaml can take them away"


def cast_sql(column: FeedColumn, source: str, decimal_mark: str = ".") -> str:
    """Returns a delivered text as a value of its column's type; null where it is none.

    Args:
        column: The column, with its type and format.
        source: SQL of the delivered text.
        decimal_mark: What stands before the decimals of its numbers; where that is a comma,
            points may group the digits before it by three.
    """
    if column.type == "text":
        # what begins with a plain character is not blank
        return (
            f"case when {source} between '!' and '~' then {source} "
            f"when trim({source}) <> '' then {source} end"
        )
    if column.is_moment:
        return _cast_moment(column, source)
    trimmed = f"trim({source})"
    texts = [_with_point(trimmed)] if decimal_mark == "," else [source, trimmed]
    if column.type == "money":
        return _cast_money(texts)
    if column.type == "integer":
        return _cast_matching(texts, WHOLE_NUMBER, "bigint")
    return _cast_matching(texts, NUMBER, "decimal(38,10)")


def wanted_sql(column: FeedColumn, source: str, decimal_mark: str) -> str:
    """Returns SQL of what to say of a text that is no value of its column's type: how it may be."""
    if column.is_moment:
        plain = "YYYY-MM-DD" if column.type == "date" else "YYYY-MM-DD HH:MM:SS"
        return quote(f" of the format {column.format or plain}")
    other = "." if decimal_mark == "," else ","
    is_grouped = _is_grouped(source, decimal_mark)
    is_other = (
        f"contains({source}, {quote(other)}) "
        f"and not (contains({source}, {quote(decimal_mark)}) and {is_grouped})"
    )
    told = quote(f"the feed's decimal mark is '{decimal_mark}'")
    mark = f"case when {is_other} then {told} end"
    parts = (
        f"case when {_has_sign(source)} then 'signs of currencies' end, "
        f"case when {is_grouped} then 'separators of thousands' end"
    )
    unread = f"nullif(concat_ws(' and ', {parts}), '') || {quote(f' are not read: {TAKE_AWAY}')}"
    return f"coalesce(': ' || nullif(concat_ws(', and ', {mark}, {unread}), ''), '')"


def is_dressed_sql(source: str, decimal_mark: str) -> str:
    """Returns SQL of whether a text is a number but for a currency's sign or grouped thousands."""
    return f"({_has_sign(source)} or {_is_grouped(source, decimal_mark)})"


def _without_sign(source: str) -> str:
    return f"trim(regexp_replace({source}, {quote(CURRENCY_SIGN)}, ''))"


def _has_sign(source: str) -> str:
    number = quote(rf"[+-]?{GAP}*\d([\d.,]|{GAP})*")
    return (
        f"(regexp_matches({source}, {quote(CURRENCY_SIGN)}) "
        f"and regexp_full_match({_without_sign(source)}, {number}))"
    )


def _is_grouped(source: str, decimal_mark: str) -> str:
    grouped = GROUPED if decimal_mark == "," else f"{GROUPED}|{GROUPED_BY_COMMA}"
    return f"regexp_full_match({_without_sign(source)}, {quote(grouped)})"


def _cast_moment(column: FeedColumn, source: str) -> str:
    trimmed = f"trim({source})"
    if column.format:
        # strptime takes `infinity` and `epoch` whatever the format says.
        dated = f"case when {trimmed} similar to '.*[0-9].*' then {trimmed} end"
        moment = f"try_strptime({dated}, {quote(column.format)})"
        if "%z" in column.format.lower():
            moment = f"timezone('UTC', {moment})"
        return f"try_cast({moment} as {column.sql_type})"
    plain = _when_matching([source, trimmed], MOMENTS[column.type], column.sql_type)
    if column.type != "timestamp":
        return f"case {plain} end"
    # A cast to timestamp would leave an offset out, as if the time were in UTC; Z says that it is.
    exact = f"timezone('UTC', try_cast({trimmed} as timestamptz))"
    zoned = f"regexp_full_match({trimmed}, '{MOMENT_WITH_OFFSET}')"
    return f"case {plain} when {zoned} then {exact} end"


def _cast_matching(texts: Sequence[str], pattern: str, sql_type: str) -> str:
    return f"case {_when_matching(texts, pattern, sql_type)} end"


def _when_matching(texts: Sequence[str], pattern: str, sql_type: str) -> str:
    return " ".join(
        f"when regexp_full_match({text}, '{pattern}') then try_cast({text} as {sql_type})"
        for text in texts
    )


def _cast_money(texts: Sequence[str]) -> str:
    """Casts exactly; the digits that binary floats add far behind the point are forgiven.

    The pattern is the fast way: casting text to a 38-digit decimal takes twenty times as long.
    """
    wide = _cast_matching(texts[-1:], NUMBER, "decimal(38,10)")
    return f"""case {_when_matching(texts, PLAIN_MONEY, "decimal(18,4)")}
        when abs({wide} - round({wide}, 4)) < 0.00000001 then try_cast({wide} as decimal(18,4))
    end"""


def _with_point(text: str) -> str:
    """Turns 1.234,50 into 1234.50; what has its marks elsewhere is no number."""
    digits = f"replace(replace({text}, '.', ''), ',', '.')"
    return f"case when regexp_full_match({text}, '{COMMA_NUMBER}') then {digits} end"
