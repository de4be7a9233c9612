"""How an endpoint of a REST API is asked: the key ``pull.rest`` of a feed.yaml.

The words are those of dlt's ``rest_api``, whose paginators do the work. Left out are its options
that end a pull early (``maximum_page``, ``maximum_offset``): rows would be missing without a word.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Scalar = str | int | bool


class PaginatorOptions(BaseModel):
    """What all paginators share: an option that is not said is as dlt has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def said(self) -> dict[str, Any]:
        """Returns the options that are said, with the type, as dlt takes them."""
        return self.model_dump(exclude_unset=True)


class SinglePage(PaginatorOptions):
    """Everything comes in one answer."""

    type: Literal["single_page"]


class PageNumber(PaginatorOptions):
    """Pages have numbers.

    Attributes:
        base_page: The number of the first page.
        page_param: The parameter that takes it.
        total_path: Where the answer says how many pages there are; null if it does not.
        has_more_path: Where it says whether there are more.
    """

    type: Literal["page_number"]
    base_page: int = 0
    page_param: str = "page"
    total_path: str | None = "total"
    has_more_path: str | None = None


class Offset(PaginatorOptions):
    """So many rows are skipped.

    Attributes:
        limit: Rows of a page.
        offset: How many rows to skip at first.
        offset_param: The parameter that takes how many to skip.
        limit_param: The parameter that takes the rows of a page.
        total_path: Where the answer says how many rows there are; null if it does not.
        has_more_path: Where it says whether there are more.
    """

    type: Literal["offset"]
    limit: int = Field(ge=1)
    offset: int = 0
    offset_param: str = "offset"
    limit_param: str = "limit"
    total_path: str | None = "total"
    has_more_path: str | None = None


class Cursor(PaginatorOptions):
    """The answer holds what to ask for the next page.

    Attributes:
        cursor_path: Where it lies; no more pages where it is missing, null or empty.
        cursor_param: The parameter that takes it.
        has_more_path: Where the answer says whether there are more pages.
        stop_after_empty_page: Whether a page without rows is the last one.
    """

    type: Literal["cursor"]
    cursor_path: str = "cursors.next"
    cursor_param: str = "cursor"
    has_more_path: str | None = None
    stop_after_empty_page: bool = False


class HeaderLink(PaginatorOptions):
    """The header ``Link`` leads to the next page, as the relation that is named."""

    type: Literal["header_link"]
    links_next_key: str = "next"


class HeaderCursor(PaginatorOptions):
    """A header holds what to ask for the next page, by a parameter."""

    type: Literal["header_cursor"]
    cursor_key: str = "next"
    cursor_param: str = "cursor"


class JsonLink(PaginatorOptions):
    """The answer holds the address of the next page, at a path."""

    type: Literal["json_link"]
    next_url_path: str = "next"


Paginator = Annotated[
    SinglePage | PageNumber | Offset | Cursor | HeaderLink | HeaderCursor | JsonLink,
    Field(discriminator="type"),
]


class Endpoint(BaseModel):
    """One resource of an API.

    Attributes:
        path: Its path below the URL that the store's environment names.
        params: Parameters of every request, such as the rows of a page.
        data_selector: JSON path of the list of rows in an answer; ``$`` is the whole answer.
        paginator: How the next page is asked for.
        start_param: The parameter that takes where the window begins; without one everything is
            read each time.
        start_format: ``strftime`` format of that moment, UTC; ISO 8601 with a Z if none is said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(pattern=r"^[^\s?#:]+$")
    params: dict[str, Scalar] = Field(default_factory=dict)
    data_selector: str = Field(default="$", min_length=1)
    paginator: Paginator = SinglePage(type="single_page")
    start_param: str | None = None
    start_format: str | None = None
