"""A home whose inbox a test fills, and what lies in its lake afterwards."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from asset_checks.raw import Check
from ecom_assets.home import Home
from ecom_assets.ingest.intake import Intake, MonthRange, take_in
from ecom_assets.ingest.manifest import LoadedFile, Manifest, Part, read_manifests
from ecom_assets.ingest.parts import QUARANTINE
from ecom_assets.publish.gate import Verdict
from ecom_assets.stores import FeedOptions, Store, Stores, save_stores
from ecom_assets.warehouse.sources import raw_connection

NOW = datetime(2011, 12, 31, tzinfo=UTC)
FEED = "online_retail"
DAY = "2011-08-07.csv"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

Row = dict[str, Any]


class Lake:
    """A home with one store, ``shop``, that is fed by Online Retail files."""

    def __init__(self, root: Path, timezone: str = "Europe/London", **options: Any) -> None:
        self.home = Home(root)
        feeds = {FEED: FeedOptions(**options)}
        self.stores = Stores(stores={"shop": Store(currency="GBP", timezone=timezone, feeds=feeds)})
        save_stores(self.home, self.stores)
        self.inbox = self.home.feed_inbox("shop", FEED)
        self.inbox.mkdir(parents=True)

    def deliver(self, files: Mapping[str, bytes | str]) -> None:
        """Puts files into the inbox, replacing those of the same name."""
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (self.inbox / name).write_bytes(data)

    def take_in(self, months: MonthRange | None = None, **options: Any) -> Intake:
        """Lands the inbox and reads what is stale."""
        return take_in(self.home, self.stores, months, "run", now=NOW, **options)

    def load(self, *lines: str, name: str = DAY) -> "Lake":
        """Delivers and takes in one file of these lines."""
        self.deliver({name: HEADER + "".join(f"{line}\n" for line in lines)})
        self.take_in()
        return self

    def manifests(self) -> dict[str, Manifest]:
        """Returns the manifests by month."""
        return {key[2]: manifest for key, manifest in read_manifests(self.home.manifests).items()}

    def files(self) -> dict[str, LoadedFile]:
        """Returns what is known of every file, by name."""
        return {file.name: file for m in self.manifests().values() for file in m.files}

    def parts(self, dataset: str) -> list[Part]:
        """Returns the listed parts of a dataset."""
        manifests = self.manifests().values()
        return [part for m in manifests for part in m.parts if part.dataset == dataset]

    def paths(self, dataset: str) -> list[str]:
        """Returns where the parts of a dataset lie."""
        return [str(self.home.lake / part.path) for part in self.parts(dataset)]

    def rows(self, dataset: str) -> list[Row]:
        """Returns the rows of a dataset by file and row."""
        if not (paths := self.paths(dataset)):
            return []
        files = "read_parquet(?, hive_partitioning = false)"
        cursor = duckdb.execute(
            f"select source_file, source_row, * from {files} order by all", [paths]
        )
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def counts(self) -> dict[str, int]:
        """Returns the number of rows of every dataset that has some."""
        datasets = {part.dataset for m in self.manifests().values() for part in m.parts}
        return {dataset: len(self.rows(dataset)) for dataset in sorted(datasets)}

    def quarantine(self) -> list[tuple[str, int, str, str]]:
        """Returns file, row, rule and reason of all rejected records."""
        keys = ("source_file", "source_row", "rule", "reason")
        return [tuple(row[key] for key in keys) for row in self.rows(QUARANTINE)]  # type: ignore[misc]

    def verdict(self, check: Check) -> Verdict:
        """Judges the lake."""
        with raw_connection(self.home, self.stores) as connection:
            return check(connection)

    def tamper(self, dataset: str, sql: str) -> None:
        """Rewrites the first part of a dataset; ``part`` in the SQL stands for its rows."""
        path = self.paths(dataset)[0]
        draft = f"{path}.draft"
        duckdb.execute(
            f"copy (with part as (from read_parquet('{path}')) {sql}) to '{draft}' (format parquet)"
        )
        Path(draft).replace(path)


def line(
    invoice: str = "536365",
    *,
    code: str = "85123A",
    description: str = "HOLDER",
    quantity: object = 6,
    at: str = "2011-08-07 10:24:00",
    price: object = "2.55",
    customer: str = "17850.0",
    country: str = "United Kingdom",
) -> str:
    """Returns a delivered line."""
    return f"{invoice},{code},{description},{quantity},{at},{price},{customer},{country}"


def raw_text(row: Row) -> dict[str, str | None]:
    """Returns the delivered columns of a rejected record."""
    return json.loads(row["raw_text"])
