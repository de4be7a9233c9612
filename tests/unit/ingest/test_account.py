"""Counting the lines of delivered files without the reader that parsed them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_assets.ingest import account

TEXTS = st.lists(st.sampled_from(["a", "é", "\r", "\n", "\r\n"]), min_size=1).map("".join)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
@given(text=TEXTS, size=st.integers(1, 4))
def test_lines_that_are_not_empty_are_counted_wherever_a_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, text: str, size: int
) -> None:
    """A file was held in memory four times over to count its lines."""
    path = tmp_path_factory.mktemp("account") / "file.csv"
    path.write_bytes(f"Id\n{text}".encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account, "CHUNK_BYTES", size)
        counted = account._written_lines(path, encoding.removesuffix("-le"))
    assert counted == 1 + len(re.findall(r"[^\r\n]+", text))
