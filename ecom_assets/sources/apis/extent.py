"""How much an API tells that there is, held against what was read of it.

dlt's paginators end at a page without rows, whatever its answer says of pages, rows or more of
them: what they did not ask for would be missing without a word, and for good where the newest rows
come first.
"""

import re
from typing import Any

from dlt.common import jsonpath

from ecom_assets.errors import SourceError
from ecom_assets.feeds.endpoint import Cursor, Endpoint, Offset, PageNumber
from ecom_assets.sources.apis.api import Api

WHOLE = re.compile(r"\d{1,18}(\.0+)?")
YES = ("yes", "true", "t", "y", "1")  # as dlt's paginators take it


class Extent:
    """What the answers of one pull told and held.

    Attributes:
        pages: How many were read.
        total: How many pages (``page_number``) or rows (``offset``) there are, as was told last;
            None as long as no answer did.
    """

    def __init__(self, api: Api, endpoint: Endpoint) -> None:
        self.pages = 0
        self.total: int | None = None
        self._api = api
        self._path = endpoint.path
        self._paginator = endpoint.paginator
        self._rows = endpoint.paginator.offset if isinstance(endpoint.paginator, Offset) else 0
        self._last_page_with_rows = 1  # an answer to nothing may count as a page
        self._has_more = False

    def add(self, content: Any, rows: int) -> None:
        """Takes note of an answer.

        Args:
            content: What it says.
            rows: How many rows it holds.

        Raises:
            SourceError: It tells a total that is none, or that is less than it holds itself or than
                another answer told.
        """
        self.pages += 1
        self._rows += rows
        if rows:
            self._last_page_with_rows = self.pages
        paginator = self._paginator
        if isinstance(paginator, PageNumber | Offset):
            told = _first(content, paginator.total_path)
            if told is not None:
                before, self.total = self.total, self._whole(told, paginator.total_path)
                self._refuse_less_than_held(paginator, rows)
                self._refuse_less_than_before(before)
        if isinstance(paginator, PageNumber | Offset | Cursor):
            self._has_more = str(_first(content, paginator.has_more_path)).lower() in YES

    def refuse_part(self) -> None:
        """Ends a pull that has not read all.

        Raises:
            SourceError: The answers told of more pages or rows than came.
        """
        paginator = self._paginator
        where = f"{self._api!r} gives"
        if isinstance(paginator, PageNumber | Offset) and self.total is not None:
            is_paged = isinstance(paginator, PageNumber)
            read, unit = (self._last_page_with_rows, "pages") if is_paged else (self._rows, "rows")
            if read < self.total:
                raise SourceError(
                    f"{where} {read:,} of the {self.total:,} {unit} of {self._path} that its "
                    f"answers tell of at `{paginator.total_path}`: nothing of this pull was kept; "
                    "pull again, and if it stays so see `paginator` of `pull` in feed.yaml"
                )
        if isinstance(paginator, Cursor) and paginator.stop_after_empty_page:
            return
        if self._has_more:
            raise SourceError(
                f"{where} no more of {self._path} after page {self.pages:,}, which tells that "
                "there is more: nothing of this pull was kept; pull again, and if it stays so see "
                "`has_more_path` of `pull` in feed.yaml"
            )

    def _whole(self, told: Any, path: str | None) -> int:
        if isinstance(told, bool | dict | list) or not WHOLE.fullmatch(str(told)):
            raise SourceError(
                f"{self._api!r} tells at `{path}` of page {self.pages:,} of {self._path} no whole "
                "number of 0 or more: see `total_path` of `pull` in feed.yaml, null if it tells "
                "none"
            )
        return int(str(told).partition(".")[0])

    def _refuse_less_than_held(self, paginator: PageNumber | Offset, rows: int) -> None:
        before = self.pages - 1
        held = before * paginator.limit + rows if isinstance(paginator, Offset) else self.pages
        if rows and self.total is not None and self.total < held:
            raise SourceError(
                f"{self._api!r} tells at `{paginator.total_path}` of page {self.pages:,} of "
                f"{self._path} that there are {self.total:,}, and that page is beyond them: see "
                "`total_path` of `pull` in feed.yaml, null if it tells none"
            )

    def _refuse_less_than_before(self, before: int | None) -> None:
        """What is removed while pages are read moves others to a page that has been read."""
        if before is not None and self.total is not None and self.total < before:
            raise SourceError(
                f"{self._api!r} told of {before:,} of {self._path}, and at page {self.pages:,} of "
                f"{self.total:,}: some were removed while they were read, and others may have been "
                "missed; nothing of this pull was kept: pull again"
            )


def _first(content: Any, path: str | None) -> Any:
    values = jsonpath.find_values(path, content) if path else []
    return values[0] if values else None
