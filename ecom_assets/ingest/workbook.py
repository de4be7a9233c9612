"""The sheets of a workbook (Office Open XML, ECMA-376), read cell by cell as text.

Streamed, and only cells with something in them are kept: neither a far cell nor a damaged part
can take more memory than the file has content.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, NamedTuple
from xml.parsers import expat

from ecom_assets.ingest.cell_text import CellFormats, number_text
from ecom_assets.ingest.sheet import CHUNK_BYTES, Attributes, Row, SheetRows
from ecom_assets.ingest.unpack import most_bytes

OLD_MARK = bytes.fromhex("d0cf11e0a1b11ae1")  # of .xls, and of workbooks behind a password
FAULTS = (
    OSError,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    zlib.error,
    zipfile.BadZipFile,
    expat.ExpatError,
)


class WorkbookError(Exception):
    """Why a workbook cannot be read."""


class Element(NamedTuple):
    """An element of XML at its end: its name and that of the one around it, without prefixes."""

    parent: str
    name: str
    attributes: Attributes
    text: str


@dataclass(frozen=True)
class Workbook:
    """An open workbook."""

    archive: zipfile.ZipFile
    limit: int

    @cached_property
    def sheets(self) -> dict[str, str]:
        """The part that holds each sheet, by the sheet's name, in their order."""
        targets = {
            relation.attributes["Id"]: path for relation, path in self._relations(self._book)
        }
        return {
            element.attributes["name"]: targets[_local(element.attributes)["id"]]
            for element in self._elements(self._book)
            if element.name == "sheet"
        }

    def rows(self, sheet: str) -> dict[int, Row]:
        """Returns the rows that are not blank, by number from 1; cells by column from 0."""
        with self._open(self.sheets[sheet]) as content:
            return SheetRows(self._text).read(content)

    def _text(self, attributes: Attributes, value: str) -> str:
        """Returns the text of a cell: errors and texts as they stand."""
        kind = attributes.get("t", "n")
        if kind == "s":
            return self._texts[int(value)]
        if kind == "b":
            return {"1": "true", "0": "false"}.get(value, value)
        if kind != "n" or not value:
            return value
        style = attributes.get("s")
        moment = self._formats.moment(int(style), value) if style else None
        return moment or number_text(value)

    @cached_property
    def _texts(self) -> list[str]:
        """The texts that cells share; how they are pronounced is no part of them."""
        found: list[str] = []
        text = ""
        for element in self._part_of_book("sharedStrings"):
            if element.name == "t" and element.parent != "rPh":
                text += element.text
            elif element.name == "si":
                found.append(text)
                text = ""
        return found

    @cached_property
    def _formats(self) -> CellFormats:
        book = (e.attributes for e in self._elements(self._book) if e.name == "workbookPr")
        is_1904 = any(each.get("date1904") in ("1", "true") for each in book)
        styles = list(self._part_of_book("styles"))
        codes = {
            int(e.attributes["numFmtId"]): e.attributes["formatCode"]
            for e in styles
            if e.name == "numFmt" and e.parent == "numFmts"
        }
        cells = [e for e in styles if e.name == "xf" and e.parent == "cellXfs"]
        return CellFormats(
            tuple(int(e.attributes.get("numFmtId", 0)) for e in cells), codes, is_1904=is_1904
        )

    @cached_property
    def _book(self) -> str:
        book = next(self._related("", "officeDocument"), None)
        if book is None:
            raise WorkbookError("it names no workbook within it")
        return book

    def _part_of_book(self, kind: str) -> Iterator[Element]:
        for path in self._related(self._book, kind):
            yield from self._elements(path)

    def _related(self, part: str, kind: str) -> Iterator[str]:
        for relation, path in self._relations(part):
            if relation.attributes["Type"].endswith(f"/{kind}"):
                yield path

    def _relations(self, part: str) -> Iterator[tuple[Element, str]]:
        folder, name = posixpath.split(part)
        for element in self._elements(posixpath.join(folder, "_rels", f"{name}.rels")):
            if element.name == "Relationship":
                target = posixpath.join("/", folder, element.attributes["Target"])
                yield element, posixpath.normpath(target).lstrip("/")

    def _elements(self, part: str) -> Iterator[Element]:
        with self._open(part) as content:
            yield from _elements(content)

    def _open(self, part: str) -> IO[bytes]:
        if self.archive.getinfo(part).file_size > self.limit:
            raise WorkbookError(f"it unpacks to more than {self.limit:,} bytes")
        return self.archive.open(part)


@contextmanager
def open_workbook(path: Path) -> Generator[Workbook]:
    """Opens a workbook.

    Raises:
        WorkbookError: It is none, or what is asked of it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(len(OLD_MARK)) == OLD_MARK:
            raise WorkbookError("it is of the old kind (.xls), or locked by a password")
    try:
        with zipfile.ZipFile(path) as archive:
            yield Workbook(archive, most_bytes(path))
    except FAULTS as error:
        raise WorkbookError(str(error) or type(error).__name__) from error


def _elements(content: IO[bytes]) -> Iterator[Element]:
    """Yields the elements of a part as they end."""
    ended: list[Element] = []
    open_ones: list[tuple[str, Attributes, list[str]]] = [("", {}, [])]

    def start(name: str, attributes: Attributes) -> None:
        open_ones.append((name.rpartition(":")[2], attributes, []))

    def characters(text: str) -> None:
        open_ones[-1][2].append(text)

    def end(name: str) -> None:
        del name
        own, attributes, pieces = open_ones.pop()
        ended.append(Element(open_ones[-1][0], own, attributes, "".join(pieces)))

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    is_last = False
    while not is_last:
        chunk = content.read(CHUNK_BYTES)
        is_last = not chunk
        parser.Parse(chunk, is_last)
        yield from ended
        ended.clear()


def _local(attributes: Attributes) -> Attributes:
    return {name.rpartition(":")[2]: value for name, value in attributes.items()}
