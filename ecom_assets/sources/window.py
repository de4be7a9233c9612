"""Which rows of a table are read: those from a little before the newest one that has landed. Pure.

A clock that is wrong, or a row dated into the far future, must not hide the rows that come after
it: the window never begins later than the moment of the last pull.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ecom_assets.duck import quote
from ecom_assets.errors import SourceError
from ecom_assets.feeds import Pull

Watermark = datetime | Decimal

DAY = timedelta(days=1)
NAMES = {datetime: "a time", Decimal: "a number"}


@dataclass(frozen=True)
class Window:
    """The rows to read.

    Attributes:
        start: Rows whose watermark is not before this, or is missing; None for all rows.
        newest: The newest watermark that counts as landed; where the table's own lies before it,
            the table was set back, and what is new may lie anywhere.
        by_day: Whether times are compared as text: by their first ten characters, from a day
            earlier, because their zones are not known.
    """

    start: Watermark | None = None
    newest: Watermark | None = None
    by_day: bool = False

    @property
    def literal(self) -> str:
        """The start as SQL literal."""
        if isinstance(self.start, datetime):
            day_before = _earlier(self.start, DAY).date().isoformat()
            return quote(day_before if self.by_day else self.start.isoformat(" "))
        return f"{self.start:f}"

    @property
    def earliest(self) -> Watermark | None:
        """What no row that is read lies before, whatever the zone its text names."""
        if self.by_day and isinstance(self.start, datetime):
            return _earlier(self.start, 3 * DAY)
        return self.start


WHOLE = Window()


def window(pull: Pull, landed: Watermark | None, last_pull: datetime | None) -> Window:
    """Returns the window of the next pull.

    Args:
        pull: The feed's.
        landed: The newest watermark in what has landed, None where there is none.
        last_pull: When the newest file that has landed was pulled, UTC without zone.

    Raises:
        SourceError: The overlap is a number and the watermark a time, or the other way round.
    """
    if landed is None:
        return WHOLE
    span = pull.span or (timedelta(0) if isinstance(landed, datetime) else 0)
    if isinstance(landed, datetime) and isinstance(span, timedelta):
        newest = min(landed, last_pull) if last_pull else landed
        return Window(_earlier(newest, span), newest)
    if isinstance(landed, Decimal) and not isinstance(span, timedelta):
        return Window((landed - Decimal(str(span))).normalize(), landed)
    raise SourceError(
        f"watermark '{pull.watermark}' is {NAMES[type(landed)]}, and an overlap of {pull.overlap} "
        "is none: change `overlap` in feed.yaml"
    )


def _earlier(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment - span
    except OverflowError:
        return datetime.min  # noqa: DTZ901  (UTC without zone, as in the files)
