"""Unpacking deliveries: what they hold, what is wrong with them, how large they may become."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from ecom_assets.ingest import unpack as module
from ecom_assets.ingest.readable import Unreadable
from ecom_assets.ingest.unpack import unpack, unpacked_name

CONTENT = b"Id,Text\n" + b"1,pen\n" * 10_000


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zip": lambda content: zipped(file=content),
    "zst": zstandard.ZstdCompressor().compress,
}


def unpacked(tmp_path: Path, name: str, content: bytes) -> Path | Unreadable:
    path = tmp_path / name
    path.write_bytes(content)
    folder = tmp_path / "folder"
    folder.mkdir()
    return unpack(path, folder)


def fault(tmp_path: Path, name: str, content: bytes) -> str:
    found = unpacked(tmp_path, name, content)
    assert isinstance(found, Unreadable)
    return found.reason


@pytest.mark.parametrize("ending", PACKERS)
def test_what_was_packed_comes_out(tmp_path: Path, ending: str) -> None:
    found = unpacked(tmp_path, f"a.csv.{ending}", PACKERS[ending](CONTENT))
    assert isinstance(found, Path)
    assert found.read_bytes() == CONTENT


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_what_was_packed_in_pieces_comes_out_whole(tmp_path: Path, ending: str) -> None:
    found = unpacked(tmp_path, f"a.csv.{ending}", PACKERS[ending](CONTENT) * 2)
    assert isinstance(found, Path)
    assert found.read_bytes() == CONTENT * 2


def test_a_file_that_is_not_packed_is_left_where_it_is(tmp_path: Path) -> None:
    assert unpacked(tmp_path, "a.csv", CONTENT) == tmp_path / "a.csv"


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("damage", [lambda c: c[: len(c) // 2], lambda c: b"x" + c[1:]])
def test_a_damaged_file_is_set_aside(
    tmp_path: Path, ending: str, damage: Callable[[bytes], bytes]
) -> None:
    """Zstandard's own reader ends without a word where a file is cut short."""
    content = damage(PACKERS[ending](CONTENT))
    assert "cannot be unpacked" in fault(tmp_path, f"a.csv.{ending}", content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped(), "holds 0 files"),
        (zipped(a=b"1", b=b"2"), "holds 2 files: deliver each as a file of its own"),
    ],
)
def test_an_archive_holds_one_file(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason in fault(tmp_path, "a.zip", content)


def test_an_archive_that_is_packed_in_an_unknown_way_is_set_aside(tmp_path: Path) -> None:
    """Deflate64, as Windows packs large files, stopped every load from then on."""
    content = bytearray(zipped(a=CONTENT))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = content.index(signature) + offset
        content[at : at + 2] = (9).to_bytes(2, "little")
    assert "cannot be unpacked" in fault(tmp_path, "a.zip", bytes(content))


def test_a_name_inside_an_archive_leads_nowhere(tmp_path: Path) -> None:
    found = unpacked(tmp_path, "a.csv.zip", zipped(**{"../../evil.csv": CONTENT}))
    assert isinstance(found, Path)
    assert found.parent == tmp_path / "folder"


@pytest.mark.parametrize("ending", PACKERS)
def test_a_bomb_is_put_out(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FREE_BYTES", 10_000_000)
    monkeypatch.setattr(module, "MOST_TIMES", 100)
    bomb = PACKERS[ending](bytes(60_000_000))
    assert "unpacks to more than" in fault(tmp_path, f"a.csv.{ending}", bomb)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.csv.zip", "a.csv.zst"])
def test_a_packed_file_is_recognised_by_the_name_inside(name: str) -> None:
    assert unpacked_name(name) == "a.csv"
