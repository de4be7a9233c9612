"""An endpoint of a real API that a test fills and pulls."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ecom_assets.errors import SourceError
from ecom_assets.feeds import Feed
from ecom_assets.sources.apis.api import api_of
from ecom_assets.sources.apis.api_client import Patience
from ecom_assets.sources.apis.pull_endpoint import pull_endpoint
from ecom_assets.sources.delivery import Delivered
from ecom_assets.stores import FeedOptions
from tests.harness.pulled import FEED, Pulled
from tests.harness.things_api import ThingsApi

URL, TOKEN_VARIABLE = "MY_API", "MY_TOKEN"
OPTIONS = FeedOptions(url_env=URL, token_env=TOKEN_VARIABLE)
HASTY = Patience(attempts=3, backoff_seconds=0.01, connect_seconds=2, answer_seconds=5)
PAGINATORS = {
    "numbered": {"type": "page_number", "base_page": 1, "total_path": "pages"},
    "offset": {"type": "offset", "limit": 2},
    "cursor": {"type": "cursor"},
    "links": {"type": "header_link"},
    "json-links": {"type": "json_link"},
    "header": {"type": "header_cursor", "cursor_key": "X-Next"},
    "whole": {"type": "single_page"},
}
NUMBERED = {
    "path": "numbered",
    "data_selector": "data",
    "paginator": PAGINATORS["numbered"],
    "start_param": "updated_since",
}


class PulledEndpoint(Pulled):
    """The things of an API, by page number unless a test says otherwise."""

    def __init__(self, root: Path, api: ThingsApi) -> None:
        super().__init__(root)
        self.api = api
        self.patience = HASTY
        self.pulls()

    def pulls(self, **said: Any) -> "PulledEndpoint":
        """Says how the endpoint is pulled from now on; ``columns`` are those of the feed."""
        columns = said.pop("columns", FEED["columns"])
        pull = {"rest": NUMBERED, "key": ["id"], "watermark": "updated_at", **said}
        self.feed = Feed.model_validate({**FEED, "columns": columns, "pull": pull})
        return self

    def deliver(self) -> Delivered | None:
        """Pulls an hour after the last time."""
        self.now += timedelta(hours=1)
        target = ("shop", self.feed)
        return pull_endpoint(self.home, api_of(OPTIONS), target, self.now, self.patience)

    def fault(self) -> str:
        """Pulls, which must fail; returns why."""
        with pytest.raises(SourceError) as caught:
            self.deliver()
        assert caught.value.__cause__ is None
        return str(caught.value)
