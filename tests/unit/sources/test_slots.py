"""Slots: their names, the order of positions, and the note of what was confirmed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_assets.feeds.changes import Changes
from ecom_assets.home import Home
from ecom_assets.sources.changes.confirmed import Noted, last_confirmed, note_confirmed
from ecom_assets.sources.changes.lsn import lsn_text, parse_lsn
from ecom_assets.sources.changes.slot import slot_name

POSITIONS = st.integers(min_value=0, max_value=2**64 - 1)


@given(POSITIONS, POSITIONS)
def test_positions_have_the_order_of_their_texts(one: int, other: int) -> None:
    assert (lsn_text(one) < lsn_text(other)) == (one < other)
    assert parse_lsn(lsn_text(one)) == one


def test_a_position_is_read_as_postgres_writes_it() -> None:
    assert parse_lsn("1/A3B0C00") == 0x1_0A3B_0C00


@pytest.mark.parametrize(
    ("changes", "store", "name"),
    [
        (Changes(publication="ecom"), "shop", "ecom_shop_things"),
        (Changes(publication="ecom", slot="mine"), "shop", "mine"),
    ],
)
def test_a_slot_is_named_after_store_and_feed(changes: Changes, store: str, name: str) -> None:
    assert slot_name(changes, store, "things") == name


def test_long_names_of_slots_fit_and_stay_apart() -> None:
    names = {slot_name(Changes(publication="p"), f"{'s' * 60}{n}", "things") for n in range(9)}
    assert len(names) == 9
    assert {len(name) for name in names} == {63}


def test_what_was_confirmed_is_noted_by_slot_or_that_nobody_knows(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert last_confirmed(home, "a") is None
    note_confirmed(home, "a", 5)
    note_confirmed(home, "b", 2**40)
    assert (last_confirmed(home, "a"), last_confirmed(home, "b")) == (Noted(5), Noted(2**40))
    note_confirmed(home, "a", None)
    assert (last_confirmed(home, "a"), last_confirmed(home, "b")) == (Noted(None), Noted(2**40))


def test_a_damaged_note_is_as_good_as_none(tmp_path: Path) -> None:
    home = Home(tmp_path)
    note_confirmed(home, "a", 5)
    home.confirmed_changes.write_text("{")
    assert last_confirmed(home, "a") is None
