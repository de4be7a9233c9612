"""Small made-up shops in the format of Online Retail, over three months.

Files lie around month ends on purpose, numbers of documents come from a small pool: so documents
are delivered again in later files, with other lines, another customer or as another kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import strategies as st

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

FILE_DAYS = [
    date(2024, 1, 1), date(2024, 1, 5), date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 9),
    date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 30), date(2024, 3, 31),
]  # fmt: skip
NUMBERS = ["536001", "536002", "536003", "C536004", "C536005", "A536006"]
CODES = ["P1", "p1 ", "P2", "P3", "POST", "D", "M", "GIFT_0001_10"]
DESCRIPTIONS = ["", "RED MUG", "RED MUG ", "BLUE MUG"]
CUSTOMERS = ["", "17850", "13047.0", "12583"]
COUNTRIES = ["United Kingdom", "France", "Channel Islands"]
QUANTITIES = [1, 1, 2, 12, -3]
PRICES = ["0", "0.85", "2.55", "19.99", "1000000"]
CLOCK = [time(0, 0), time(8, 26), time(23, 59)]
LATENESS = [0, 0, 0, 0, 0, -1, -27]


@dataclass(frozen=True)
class Line:
    """A delivered line without its document."""

    code: str
    description: str
    quantity: int
    price: str

    @property
    def amount(self) -> Decimal:
        """Quantity times unit price."""
        return self.quantity * Decimal(self.price)


@dataclass(frozen=True)
class Document:
    """A document as one file holds it."""

    number: str
    moment: datetime
    customer: str
    country: str
    lines: tuple[Line, ...]

    @property
    def accepted(self) -> list[Line]:
        """The lines that some rule of the feed classifies."""
        if self.number[0] in "AC":
            return list(self.lines)
        return [x for x in self.lines if x.quantity > 0 or x.amount == 0]

    def text(self) -> str:
        """The document's lines as CSV."""
        tail = f"{self.moment:%Y-%m-%d %H:%M:%S}"
        return "".join(
            f"{self.number},{x.code},{x.description},{x.quantity},{tail},{x.price},"
            f"{self.customer},{self.country}\n"
            for x in self.lines
        )


@dataclass(frozen=True)
class File:
    """A delivered file."""

    day: date
    documents: tuple[Document, ...]

    @property
    def name(self) -> str:
        """The file's name, which tells its delivery day."""
        return f"{self.day}.csv"

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return f"{HEADER}\n{''.join(d.text() for d in self.documents)}".encode()


LINES = st.builds(
    Line,
    code=st.sampled_from(CODES),
    description=st.sampled_from(DESCRIPTIONS),
    quantity=st.sampled_from(QUANTITIES),
    price=st.sampled_from(PRICES),
)


@st.composite
def files(draw: st.DrawFn) -> File:
    """A file of up to four documents, some of them of an earlier day."""
    day = draw(st.sampled_from(FILE_DAYS))
    numbers = draw(st.lists(st.sampled_from(NUMBERS), unique=True, min_size=1, max_size=4))
    return File(day, tuple(_document(draw, number, day) for number in numbers))


def _document(draw: st.DrawFn, number: str, day: date) -> Document:
    lines = draw(st.lists(LINES, min_size=1, max_size=3))
    if draw(st.booleans()):
        lines.append(lines[0])
    return Document(
        number=number,
        moment=datetime.combine(
            day + timedelta(draw(st.sampled_from(LATENESS))), draw(st.sampled_from(CLOCK))
        ),
        customer=draw(st.sampled_from(CUSTOMERS)),
        country=draw(st.sampled_from(COUNTRIES)),
        lines=tuple(lines),
    )


def current_documents(held: Sequence[File]) -> dict[str, Document]:
    """Returns the newest of each document: that of the last file with an accepted line of it."""
    ordered = sorted(held, key=lambda file: file.name)
    return {d.number: d for file in ordered for d in file.documents if d.accepted}
