"""A real week in any order: batches, repeats, replaced files, restricted and killed loads."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.files import SAMPLE_WEEK
from tests.harness.nodes import stored_nodes
from tests.harness.shop import Load, Shop, store

SHOP = store("online_retail")
MODELS = [node.name for node in stored_nodes()]
CUT_SHORT = {
    name: b"".join(content.splitlines(keepends=True)[:-150])
    for name, content in SAMPLE_WEEK.items()
}

pytestmark = [pytest.mark.integration, pytest.mark.deep]


MIXED_UP = dict(zip(SAMPLE_WEEK, reversed(SAMPLE_WEEK.values()), strict=True))


@pytest.fixture(scope="module")
def clean_digests() -> dict[str, str]:
    with TemporaryDirectory() as folder, Shop(Path(folder), SHOP) as shop:
        found = shop.replay([Load(SAMPLE_WEEK)])
        assert shop.warehouse.failing_tests() == {}
        return found


@st.composite
def loads(draw: st.DrawFn) -> list[Load]:
    """Loads of some files, each right, cut short or another day's; restricted, killed, neither."""
    names = sorted(SAMPLE_WEEK)
    found: list[Load] = []
    for _ in range(draw(st.integers(1, 4))):
        chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=5))
        source = {
            name: draw(st.sampled_from([SAMPLE_WEEK, CUT_SHORT, MIXED_UP])) for name in chosen
        }
        found.append(
            Load(
                {name: files[name] for name, files in source.items()},
                months=draw(
                    st.sampled_from([None, None, ("2011-08", "2011-08"), ("2011-01", "2011-07")])
                ),
                models=draw(st.none() | st.integers(0, len(MODELS)).map(lambda n: MODELS[:n])),
            )
        )
    return found


@settings(max_examples=settings().max_examples // 2)
@given(before=loads(), order=st.permutations(sorted(SAMPLE_WEEK)), cut=st.integers(0, 7))
def test_any_way_of_delivering_the_week_gives_the_same_gold(
    clean_digests: dict[str, str], before: list[Load], order: list[str], cut: int
) -> None:
    at_last = [
        Load({name: SAMPLE_WEEK[name] for name in names}) for names in (order[:cut], order[cut:])
    ]
    with TemporaryDirectory() as folder, Shop(Path(folder), SHOP) as shop:
        assert shop.replay([*before, *at_last]) == clean_digests
