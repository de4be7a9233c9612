"""The gate: failed, missing and outdated checks are red."""

from pathlib import Path

import pytest

from ecom_assets.errors import ConfigurationError
from ecom_assets.home import Home
from ecom_assets.publish.gate import (
    Gate,
    Red,
    RequiredCheck,
    Verdict,
    read_gate,
    red_checks,
    save_gate,
    unbuilt,
)

MODELS = {"orders": (), "sales": ("orders",)}
CHECK = RequiredCheck("sales_are_whole", ("sales",))


def green() -> Gate:
    gate = Gate()
    gate.wrote("orders", "g1")
    gate.wrote("sales", "g1")
    gate.judged(Verdict(name=CHECK.name, passed=True))
    return gate


def test_a_check_that_passed_after_the_last_write_is_green() -> None:
    assert red_checks(green(), [CHECK]) == []
    assert unbuilt(green(), MODELS, "g1") == []


def test_a_check_that_was_never_run_is_red() -> None:
    assert red_checks(Gate(), [CHECK]) == [Red(CHECK.name, "the check was never run")]


def test_a_check_of_what_was_never_written_may_be_green() -> None:
    gate = Gate()
    gate.judged(Verdict(name=CHECK.name, passed=True))
    assert red_checks(gate, [CHECK]) == []


def test_a_check_older_than_what_it_covers_is_red() -> None:
    gate = green()
    gate.wrote("sales", "g1")
    assert red_checks(gate, [CHECK]) == [
        Red(CHECK.name, "the check is older than the tables it covers")
    ]


def test_a_failed_check_is_red_with_its_rows() -> None:
    gate = green()
    verdict = Verdict(name=CHECK.name, passed=False, message="bad", rows=({"id": 1},), found=7)
    gate.judged(verdict)
    assert red_checks(gate, [CHECK]) == [Red(CHECK.name, "bad", ({"id": 1},), found=7)]


def test_a_failed_warning_does_not_block() -> None:
    gate = green()
    gate.judged(Verdict(name=CHECK.name, passed=False, blocking=False))
    assert red_checks(gate, [CHECK]) == []


def test_a_green_check_elsewhere_does_not_make_a_red_one_green() -> None:
    gate = green()
    gate.judged(Verdict(name=CHECK.name, passed=False))
    gate.judged(Verdict(name="another", passed=True))
    assert [red.name for red in red_checks(gate, [CHECK])] == [CHECK.name]


def test_verdicts_of_checks_that_are_no_more_are_forgotten() -> None:
    gate = green()
    gate.judged(Verdict(name="gone", passed=False))
    gate.retain([CHECK.name])
    assert set(gate.verdicts) == {CHECK.name}


def test_all_tables_that_are_unbuilt_are_told_with_their_reasons() -> None:
    """One whose source is unbuilt or not noted does not hide those after it."""
    gate = Gate()
    gate.wrote("old", "g1")
    gate.wrote("late", "g2")
    gate.wrote("early", "g2")
    models = {"none": (), "old": (), "late": ("none", "early"), "early": ("none",)}
    assert [(red.name, red.reason) for red in unbuilt(gate, models, "g2")] == [
        ("none", "the table has not been built, or its build was cut short"),
        ("old", "the table was built from older deliveries or older models"),
        ("late", "a table it reads has been built again since"),
    ]


def test_writes_and_verdicts_are_numbered_one_by_one() -> None:
    gate = green()
    assert [gate.writes["orders"].seq, gate.writes["sales"].seq] == [1, 2]
    assert [gate.verdicts[CHECK.name].seq, gate.seq] == [3, 3]


def test_a_table_of_another_generation_is_unbuilt() -> None:
    assert {red.name for red in unbuilt(green(), MODELS, "g2")} == {"orders", "sales"}


def test_a_table_whose_source_was_built_again_is_unbuilt() -> None:
    gate = green()
    gate.wrote("orders", "g1")
    assert [red.name for red in unbuilt(gate, MODELS, "g1")] == ["sales"]


def test_a_table_that_is_about_to_be_written_is_unbuilt() -> None:
    gate = green()
    gate.about_to_write(["new", "sales"])
    assert [red.name for red in unbuilt(gate, MODELS, "g1")] == ["sales"]


def test_the_gate_survives_being_saved(tmp_path: Path) -> None:
    home = Home(tmp_path)
    save_gate(home, green())
    assert read_gate(home) == green()
    assert read_gate(Home(tmp_path / "new")) == Gate()


def test_what_is_forgotten_stays_so_after_a_power_cut(tmp_path: Path, synced: list[str]) -> None:
    home = Home(tmp_path)
    save_gate(home, green())
    assert synced == [home.gate.with_suffix(".part").name, home.gate.parent.name]


def test_an_empty_file_is_a_gate_that_is_shut(tmp_path: Path) -> None:
    """What a power cut had left of it stopped every load, until somebody removed it."""
    home = Home(tmp_path)
    save_gate(home, green())
    home.gate.write_bytes(b"")
    gate = read_gate(home)
    assert {red.name for red in unbuilt(gate, MODELS, "g1")} == {"orders", "sales"}
    assert [red.reason for red in red_checks(gate, [CHECK])] == ["the check was never run"]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    save_gate(home, green())
    home.gate.write_bytes(b"{")
    with pytest.raises(ConfigurationError, match=r"gate.json is damaged: remove it"):
        read_gate(home)
