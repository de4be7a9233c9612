"""Hashes of the inbox's files, computed once for each content."""

import os
from pathlib import Path

import pytest

from ecom_assets.file_version import file_version
from ecom_assets.home import Home
from ecom_assets.ingest import content
from ecom_assets.ingest.content import content_hash, remember_contents
from tests.unit.replaced_files import replace_under_size_and_time

OF_X = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.csv"
    path.write_bytes(b"x")
    return path


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files whose bytes were read."""
    read: list[Path] = []
    original = content.hash_file
    monkeypatch.setattr(content, "hash_file", lambda path: (read.append(path), original(path))[1])
    return read


def in_another_process() -> None:
    content._hash_of.cache_clear()
    content._read_memory.cache_clear()


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once."""
    monkeypatch.setattr(content, "SETTLED_NS", -1_000_000_000)


@pytest.mark.usefixtures("settled")
def test_a_file_is_read_once_by_all_processes(home: Home, path: Path, hashed: list[Path]) -> None:
    """Every command read the whole inbox, which keeps every file that was ever delivered."""
    remember_contents(home, {str(path): file_version(path)})
    in_another_process()
    assert content_hash(home, path) == OF_X
    assert hashed == [path]


@pytest.mark.usefixtures("settled")
def test_a_file_replaced_under_its_size_and_time_is_read_again(home: Home, path: Path) -> None:
    remember_contents(home, {str(path): file_version(path)})
    replace_under_size_and_time(path, b"y")
    assert content_hash(home, path) != OF_X


def test_a_file_changed_just_now_is_not_remembered(
    home: Home, path: Path, hashed: list[Path]
) -> None:
    """It may change again within the same tick of the file system's clock."""
    remember_contents(home, {str(path): file_version(path)})
    content_hash(home, path)
    in_another_process()
    content_hash(home, path)
    assert hashed == [path, path]


def test_a_file_moved_in_just_now_with_an_old_time_is_not_remembered(
    home: Home, path: Path, hashed: list[Path]
) -> None:
    """Copies keep the time of their original: only ctime tells when they came."""
    os.utime(path, ns=(1, 1))
    remember_contents(home, {str(path): file_version(path)})
    content_hash(home, path)
    in_another_process()
    content_hash(home, path)
    assert hashed == [path, path]


@pytest.mark.usefixtures("settled")
def test_what_a_caller_has_read_counts_while_the_file_is_the_same(home: Home, path: Path) -> None:
    """A file may be replaced after its bytes were copied, before their hash is noted."""
    read = {str(path): (file_version(path), "of its bytes before")}
    remember_contents(home, {str(path): file_version(path)}, read)
    assert content_hash(home, path) == "of its bytes before"
    replace_under_size_and_time(path, b"x")
    remember_contents(home, {str(path): file_version(path)}, read)
    assert content_hash(home, path) == OF_X


SHAPELESS = '{"/inbox/x": [[1, 2, 3, 4], null]}'


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("left", ["", '{"/x', "\0\0", "null", "[]", '{"/x": 1}', SHAPELESS])
def test_a_damaged_memory_is_none(home: Home, path: Path, left: str) -> None:
    home.state.mkdir(parents=True)
    home.inbox_hashes.write_text(left)
    assert content_hash(home, path) == OF_X
    remember_contents(home, {str(path): file_version(path)})
    assert OF_X in home.inbox_hashes.read_text()


@pytest.mark.usefixtures("settled")
def test_files_that_have_left_the_inbox_are_forgotten(home: Home, path: Path) -> None:
    remember_contents(home, {str(path): file_version(path)})
    path.unlink()
    remember_contents(home, {})
    assert home.inbox_hashes.read_text() == "{}"
