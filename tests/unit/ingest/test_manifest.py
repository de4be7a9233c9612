"""Manifests: the commit point of the lake."""

from pathlib import Path

import pytest

from ecom_assets.ingest.manifest import Manifest, Part, read_manifests, write_manifest
from tests.unit.replaced_files import replace_under_size_and_time

PART = Part(dataset="raw_orders", batch="b", path="raw/raw_orders/x.parquet", rows=3)
AUGUST = Manifest(store="shop", feed="lines", month="2011-08", parts=(PART,))


def test_a_lake_without_manifests_holds_nothing(tmp_path: Path) -> None:
    assert read_manifests(tmp_path / "manifests") == {}


def test_manifests_are_read_as_they_were_written(tmp_path: Path) -> None:
    other = AUGUST.model_copy(update={"month": "2011-09", "parts": ()})
    write_manifest(tmp_path, AUGUST)
    write_manifest(tmp_path, other)
    assert read_manifests(tmp_path) == {
        ("shop", "lines", "2011-08"): AUGUST,
        ("shop", "lines", "2011-09"): other,
    }


def test_a_manifest_replaces_the_one_before(tmp_path: Path) -> None:
    write_manifest(tmp_path, AUGUST)
    write_manifest(tmp_path, AUGUST.model_copy(update={"parts": ()}))
    assert read_manifests(tmp_path)["shop", "lines", "2011-08"].parts == ()


def test_a_half_written_manifest_is_none(tmp_path: Path) -> None:
    write_manifest(tmp_path, AUGUST)
    (tmp_path / "shop" / "lines" / "2011-09.part").write_text('{"store": "shop", "fe')
    assert list(read_manifests(tmp_path).values()) == [AUGUST]


def test_a_manifest_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    write_manifest(tmp_path, AUGUST)
    (tmp_path / "shop" / "lines" / "2011-08.part").mkdir()
    with pytest.raises(IsADirectoryError):
        write_manifest(tmp_path, AUGUST.model_copy(update={"parts": ()}))
    assert list(read_manifests(tmp_path).values()) == [AUGUST]


def test_a_manifest_replaced_under_its_size_and_time_is_parsed_again(tmp_path: Path) -> None:
    write_manifest(tmp_path, AUGUST)
    assert list(read_manifests(tmp_path).values()) == [AUGUST]
    path = tmp_path / "shop" / "lines" / "2011-08.json"
    replace_under_size_and_time(path, path.read_bytes().replace(b"x.parquet", b"y.parquet"))
    (part,) = read_manifests(tmp_path)[AUGUST.key].parts
    assert part.path == "raw/raw_orders/y.parquet"


def test_a_manifest_is_parsed_once_for_each_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One load parsed every manifest of the lake's whole history sixteen times."""
    write_manifest(tmp_path, AUGUST)
    first = read_manifests(tmp_path)
    monkeypatch.setattr(Manifest, "model_validate_json", None)
    assert read_manifests(tmp_path) == first


def test_a_manifest_that_is_written_outlives_a_power_cut(tmp_path: Path, synced: list[str]) -> None:
    write_manifest(tmp_path, AUGUST)
    assert synced == ["2011-08.part", "lines"]
