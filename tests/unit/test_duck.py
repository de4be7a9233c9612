"""Connections: their limits, and where they spill."""

from pathlib import Path

import duckdb
import pytest

from ecom_assets.duck import list_literal, scratch_connection, scratch_folder, sweep_scratch
from ecom_assets.home import Home


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    row = connection.execute(f"select current_setting('{name}')").fetchone()
    assert row
    return str(row[0])


def test_no_two_connections_spill_into_one_folder(tmp_path: Path) -> None:
    """They overwrote each other's pages: a load stood still or died of a segmentation fault."""
    home = Home(tmp_path)
    with scratch_connection(home) as one, scratch_connection(home) as other:
        folders = {setting(connection, "temp_directory") for connection in (one, other)}
        assert len(folders) == 2
        assert all(Path(folder).is_dir() for folder in folders)
    assert list(home.scratch.iterdir()) == []


def test_connections_side_by_side_share_the_memory(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with scratch_connection(home) as whole, scratch_connection(home, threads=1) as half:
        assert setting(whole, "memory_limit") == "1.8 GiB"
        assert setting(half, "memory_limit") == "953.6 MiB"


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    home = Home(tmp_path)
    left = home.scratch / "999999999-abc"
    left.mkdir(parents=True)
    with scratch_folder(home) as ours:
        sweep_scratch(home)
        assert ours.is_dir()
    assert not left.exists()


@pytest.mark.parametrize("texts", [[], ["a"], ["it's", 'a "b"', "a\\b", "['x', 'y']", "a\nb"]])
def test_texts_are_a_list_in_sql_whatever_they_hold(texts: list[str]) -> None:
    """The repr of a Python list was taken for SQL, which it is only where no text has a quote."""
    row = duckdb.execute(f"select {list_literal(texts)}").fetchone()
    assert row
    assert row[0] == texts
