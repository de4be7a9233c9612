"""The version of a file: each of its fields tells a change that the others may not."""

import os
from pathlib import Path

import pytest

from ecom_assets.file_version import FileVersion, file_version
from tests.unit.replaced_files import replace_under_size_and_time


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.csv"
    path.write_bytes(b"x")
    return path


def changed(before: FileVersion, after: FileVersion) -> set[str]:
    return {name for name in before._fields if getattr(before, name) != getattr(after, name)}


def test_a_file_left_alone_keeps_its_version(path: Path) -> None:
    before = file_version(path)
    path.read_bytes()
    assert file_version(path) == before


def test_a_file_that_grows_under_its_time_has_another_size(path: Path) -> None:
    before = file_version(path)
    path.write_bytes(b"xy")
    os.utime(path, ns=(before.mtime_ns, before.mtime_ns))
    assert changed(before, file_version(path)) - {"ctime_ns"} == {"size"}


def test_a_file_whose_time_moves_has_another_time(path: Path) -> None:
    before = file_version(path)
    os.utime(path, ns=(1, 1))
    assert changed(before, file_version(path)) - {"ctime_ns"} == {"mtime_ns"}


def test_a_file_replaced_under_its_size_and_time_has_another_ctime(path: Path) -> None:
    before = file_version(path)
    replace_under_size_and_time(path, b"y")
    assert changed(before, file_version(path)) == {"ctime_ns"}


def test_another_file_put_in_its_place_has_another_inode(path: Path) -> None:
    before = file_version(path)
    other = path.with_suffix(".other")
    other.write_bytes(b"y")
    os.utime(other, ns=(before.mtime_ns, before.mtime_ns))
    other.replace(path)
    assert changed(before, file_version(path)) - {"ctime_ns"} == {"inode"}
