"""What lies in the inbox and is no delivery is told in a few lines."""

from pathlib import Path

from ecom_assets.ingest.foreign import describe_foreign
from ecom_assets.ingest.landing import Unrecognised

INBOX = Path("/home/inbox")


def foreign(folder: str, *names: str, reason: str = "no") -> list[Unrecognised]:
    return [Unrecognised(INBOX / folder / name, reason) for name in names]


def test_a_single_file_is_told_with_its_path_and_reason() -> None:
    assert describe_foreign(foreign("a", "x")) == ["no delivery: /home/inbox/a/x: no"]


def test_files_of_one_folder_and_reason_are_one_line() -> None:
    """A thousand foreign files were a thousand lines, at every run."""
    others = foreign("a", *(f"{number}" for number in range(1000))) + foreign("b", "x")
    assert describe_foreign(others) == [
        "no delivery: 1,000 in /home/inbox/a: no: 0, 1, 2 and 997 more",
        "no delivery: /home/inbox/b/x: no",
    ]


def test_beyond_a_few_folders_the_rest_is_counted() -> None:
    others = [other for n in range(12) for other in foreign(f"{n}", "x", "y")]
    lines = describe_foreign(others)
    assert len(lines) == 11
    assert lines[-1] == "no delivery: 4 more"
