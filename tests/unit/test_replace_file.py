"""Files are replaced whole, and what is replaced is put on disk before it is seen."""

from pathlib import Path

from ecom_assets.replace_file import put_on_disk, replace_text


def test_a_text_is_on_disk_before_it_is_renamed(tmp_path: Path, synced: list[str]) -> None:
    """A power cut left the gate, or the note of the last run, empty."""
    file = tmp_path / "state" / "gate.json"
    replace_text(file, "old")
    replace_text(file, "né")
    assert file.read_text("utf-8") == "né"
    assert synced == ["gate.part", "gate.part"]
    assert list(file.parent.iterdir()) == [file]


def test_a_durable_text_has_its_folder_on_disk_too(tmp_path: Path, synced: list[str]) -> None:
    """Manifests were synced and their folders were not: a power cut brought back the old ones."""
    replace_text(tmp_path / "lines" / "2011-08.json", "{}", durable=True)
    assert synced == ["2011-08.part", "lines"]


def test_files_and_each_folder_they_are_in_are_put_on_disk_once(
    tmp_path: Path, synced: list[str]
) -> None:
    """Of a version, the files were synced, and neither its folders nor its name."""
    for name in ("v1/parquet/facts/a", "v1/parquet/facts/b", "v1/c"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    put_on_disk((tmp_path / "v1").rglob("*"))
    assert sorted(synced) == ["a", "b", "c", "facts", "parquet", "v1"]
