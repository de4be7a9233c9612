"""The cells of one sheet of a workbook, streamed into rows; only cells that hold something.

A sheet may have millions of cells: what is called for each of them is kept short.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import IO
from xml.parsers import expat

CHUNK_BYTES = 65_536
DIGITS = "0123456789"

Row = dict[int, str]
Attributes = dict[str, str]


class SheetRows:
    """Gathers the rows of a sheet from the elements of its part.

    Args:
        text_of: The text of a cell, from its attributes and its value.
    """

    def __init__(self, text_of: Callable[[Attributes, str], str]) -> None:
        self.rows: dict[int, Row] = {}
        self._text_of = text_of
        self._row: Row = {}
        self._number, self._column = 0, -1
        self._cell: Attributes = {}
        self._pieces: list[str] = []
        self._is_value = self._is_pronounced = False
        self._prefix: str | None = None

    def read(self, content: IO[bytes]) -> dict[int, Row]:
        """Returns the rows that are not blank, by number from 1; cells by column from 0."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        while chunk := content.read(CHUNK_BYTES):
            parser.Parse(chunk, False)  # noqa: FBT003 - it takes no keyword
        parser.Parse(b"", True)  # noqa: FBT003
        return self.rows

    def _start(self, name: str, attributes: Attributes) -> None:
        if self._prefix is None:  # of the first element, which is the sheet itself
            self._prefix = name.rpartition(":")[0]
        name = self._local(name)
        if name == "c":
            self._cell = attributes
            reference = attributes.get("r")
            self._column = column_of(reference.rstrip(DIGITS)) if reference else self._column + 1
        elif name in ("v", "t"):
            self._is_value = not self._is_pronounced
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._row, self._column = {}, -1
        elif name == "rPh":  # how a text is pronounced
            self._is_pronounced = True

    def _end(self, name: str) -> None:
        name = self._local(name)
        if name == "c":
            if self._pieces:
                if text := self._text_of(self._cell, "".join(self._pieces)):
                    self._row[self._column] = text
                self._pieces.clear()
        elif name in ("v", "t"):
            self._is_value = False
        elif name == "row":
            if self._row:
                self.rows[self._number] = self._row
        elif name == "rPh":
            self._is_pronounced = False

    def _local(self, name: str) -> str:
        return name.rpartition(":")[2] if self._prefix else name

    def _characters(self, text: str) -> None:
        if self._is_value:
            self._pieces.append(text)


@lru_cache(maxsize=20_000)
def column_of(letters: str) -> int:
    """Returns the number of a column, from 0, by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
