"""The macro ``ratio`` on DuckDB: exact to the last digit, whether it takes 64 bits or 128."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import ecom_assets

MACROS = Path(ecom_assets.__file__).parents[1] / "dbt" / "macros" / "money.sql"
LARGEST = Decimal(10) ** 12

AMOUNTS = st.one_of(
    st.decimals(-LARGEST, LARGEST, places=4),
    st.decimals(-1000, 1000, places=4),
    st.integers(-100, 100).map(Decimal),
    st.sampled_from(
        ["39999999999.9999", "40000000000", "399999999.9999", "400000000", "89999999999.9999"]
    ).map(Decimal),
)


def _ratio(decimals: int) -> str:
    source = MACROS.read_text("utf-8")
    macros = jinja2.Environment().from_string(source).make_module({"adapter": None})  # noqa: S701
    return str(getattr(macros, "duckdb__ratio")("n", "d", decimals))  # noqa: B009


def _expected(numerator: Decimal, denominator: Decimal, decimals: int) -> Decimal | None:
    if not denominator:
        return None
    with localcontext() as context:
        context.prec = 60
        exact = numerator / denominator
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return rounded if abs(rounded) < Decimal(10) ** (18 - decimals) else None


@pytest.mark.parametrize("decimals", [4, 6, 10])
def test_a_ratio_is_exact(decimals: int) -> None:
    sql = f"select {_ratio(decimals)} from (select ?::decimal(38, 4) as n, ?::decimal(38, 4) as d)"
    with duckdb.connect() as connection:

        @given(AMOUNTS, AMOUNTS)
        @example(Decimal(1), Decimal(3))
        @example(Decimal(-1), Decimal(8))
        @example(Decimal("0.0001"), Decimal(2 * 10**decimals).scaleb(-4))  # half a unit
        @example(Decimal("-0.0001"), Decimal(2 * 10**decimals).scaleb(-4))
        @example(Decimal(5), Decimal(0))
        @example(LARGEST, Decimal("0.0001"))
        def check(numerator: Decimal, denominator: Decimal) -> None:
            ((found,),) = connection.execute(sql, [numerator, denominator]).fetchall()
            assert found == _expected(numerator, denominator, decimals)

        check()
