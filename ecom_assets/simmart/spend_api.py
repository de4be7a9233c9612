"""What SimMart's API answers: the campaign spend of its stores, page by page, to who has the token.

Pure but for reading which simulation the home holds, anew for each request: days that are simulated
while the API runs are in its next answer. Of a day it tells on the morning after.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hmac import compare_digest
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ecom_assets.exact_json import Number, write
from ecom_assets.home import Home
from ecom_assets.simmart.activity_tables import campaign_spend
from ecom_assets.simmart.columns import INSTANT, texts
from ecom_assets.simmart.plan import Plan
from ecom_assets.simmart.shop import Shop
from ecom_assets.simmart.simulate import remembered

PATH = "campaign-spend"
TOLD_AT = time(6, tzinfo=UTC)
PER_PAGE = range(1, 1001)
USUAL_PER_PAGE = "500"
FAILURES = (503, 429)  # in turn
REST_SECONDS = "1"

Record = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """Status, headers and JSON text of an answer."""

    status: int
    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The content as JSON."""
        return write(self.content).encode()


@dataclass
class SpendApi:
    """The API.

    Attributes:
        home: Whose simulation it tells of.
        token: What a request must show: ``Authorization: Bearer``.
        fail_every: Of so many requests the last one fails, with 503 and 429 in turn; 0 lets none.
        requests: How many there were.
    """

    home: Home
    token: str
    fail_every: int = 0
    requests: int = 0
    _known: dict[str, tuple[Plan, list[Record]]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def stores(self) -> list[str]:
        """The stores it tells of."""
        return list(self._plans())

    def answer(self, target: str, signature: str) -> Answer:
        """Returns the answer to a GET.

        Args:
            target: Path and parameters: ``page``, ``per_page``, ``updated_since``.
            signature: The header ``Authorization``.
        """
        with self._lock:
            self.requests += 1
            number = self.requests
        if self.fail_every and number % self.fail_every == 0:
            status = FAILURES[number // self.fail_every % len(FAILURES) - 1]
            return Answer(status, {"error": "later"}, {"Retry-After": REST_SECONDS})
        if not compare_digest(signature.encode(), f"Bearer {self.token}".encode()):
            return Answer(401, {"error": "the token is wrong"})
        parts = urlsplit(target)
        plan = self._plans().get(parts.path.strip("/").removesuffix(f"/{PATH}"))
        if plan is None or not parts.path.endswith(f"/{PATH}"):
            return Answer(404, {"error": "there is nothing of this name"})
        try:
            return Answer(200, _page(self._records(plan), dict(parse_qsl(parts.query))))
        except ValueError:
            return Answer(400, {"error": "page, per_page or updated_since cannot be"})

    def _records(self, plan: Plan) -> list[Record]:
        """Returns a store's records, made anew where its simulation has gone on."""
        with self._lock:  # simulated once, whoever else asks meanwhile
            held = self._known.get(plan.store)
            if held is None or held[0] != plan:
                held = self._known[plan.store] = (plan, spend_records(plan))
            return held[1]

    def _plans(self) -> dict[str, Plan]:
        held = remembered(self.home)
        if held is None:
            return {}
        plans = [held.plan(number) for number in range(held.stores)]
        return {plan.store: plan for plan in plans}


def spend_records(plan: Plan) -> list[Record]:
    """Returns all records of a store in the order in which they were told."""
    table = campaign_spend(Shop(plan))
    spend = texts(table["spend"], plan.market.minor_units)
    rows = table.with_columns(spend.alias("spend")).iter_rows(named=True)
    found = [
        {
            "campaign_id": row["campaign_id"],
            "spend_on": row["spend_on"].isoformat(),
            "impressions": row["impressions"],
            "clicks": row["clicks"],
            "spend": Number(row["spend"]),
            "updated_at": _told_at(row["spend_on"]).strftime(INSTANT),
        }
        for row in rows
    ]
    return sorted(found, key=lambda record: (record["updated_at"], record["campaign_id"]))


def _told_at(spend_on: date) -> datetime:
    return datetime.combine(spend_on + timedelta(days=1), TOLD_AT)


def _page(records: list[Record], asked: Mapping[str, str]) -> Record:
    """Returns a page of the records that were told since a moment.

    Raises:
        ValueError: A parameter has a value that cannot be.
    """
    page, size = int(asked.get("page", "1")), int(asked.get("per_page", USUAL_PER_PAGE))
    if page < 1 or size not in PER_PAGE:
        raise ValueError
    if since := asked.get("updated_since"):
        start = datetime.fromisoformat(since).astimezone(UTC).strftime(INSTANT)
        records = [record for record in records if record["updated_at"] >= start]
    shown = records[(page - 1) * size : page * size]
    return {"data": shown, "page": page, "pages": -(-len(records) // size)}
