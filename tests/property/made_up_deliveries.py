"""Made-up shops as files, and these files delivered in any way: late, split, shuffled, repeated."""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random
from typing import Any

from ecom_assets.contracts import load_contracts
from ecom_assets.stores import FeedOptions, Store
from tests.property.change_log import File, Row
from tests.property.made_up_shop import Happening, MadeUpShop

SHUFFLED_SHARE = 0.4
FEEDS = {False: "rows", True: "documents"}


def store_of(shop: MadeUpShop) -> Store:
    """Returns what stores.yaml says of a shop."""
    return Store(
        currency=shop.currency,
        timezone=shop.timezone,
        feeds={FEEDS[shop.whole_documents]: FeedOptions()},
    )


def files_of(happenings: Sequence[Happening]) -> list[File]:
    """Returns the files of a shop, a day's in as many as keep each key and document once a file.

    Two rows of a key in one file would contradict each other, but for histories, whose rows are
    versions in their order.
    """
    days: dict[date, list[tuple[set[Any], list[Row]]]] = {}
    for happening in happenings:
        keys = {key for row in happening.rows for key in _keys(row)}
        files = days.setdefault(happening.delivered_on, [])
        free = max((n for n, (held, _) in enumerate(files, 1) if held & keys), default=0)
        if free == len(files):
            files.append((set(), []))
        files[free][0].update(keys)
        files[free][1].extend(happening.rows)
    return [
        File(day, f"-{n}", tuple(rows))
        for day, files in sorted(days.items())
        for n, (_, rows) in enumerate(files)
    ]


def _keys(row: Row) -> set[Any]:
    dataset, document, values = row
    contract = load_contracts()[dataset]
    if contract.is_history:
        return set()
    key = (dataset, *(values[name] for name in contract.key))
    return {key, ("document", document)} if document else {key}


def deliveries(random: Random, files: Sequence[File], loads: int) -> list[dict[str, File]]:
    """Returns what each load finds, by name.

    Files come in order or shuffled; a tenth of them twice, a tenth under two names, and a tenth at
    first with half of its rows.
    """
    by_load: list[dict[str, File]] = [{} for _ in range(loads)]
    is_shuffled = random.random() < SHUFFLED_SHARE
    for position, file in enumerate(files):
        at = random.randrange(loads) if is_shuffled else position * loads // len(files)
        later = random.randrange(at, loads)
        by_load[at][file.name] = file
        match random.randrange(10):
            case 0:
                by_load[later][file.name] = file
            case 1:
                again = File(file.day, f"{file.suffix}-again", file.rows)
                by_load[later][again.name] = again
            case 2 if later > at:
                half = File(file.day, file.suffix, file.rows[: len(file.rows) // 2])
                by_load[at][file.name] = half
                by_load[later][file.name] = file
            case _:
                pass
    return by_load


def newest(loads: Sequence[Mapping[str, File]]) -> dict[str, File]:
    """Returns what a clean load has to read: the newest content of each name."""
    return {name: file for load in loads for name, file in load.items()}


def content(files: Mapping[str, File]) -> dict[str, bytes]:
    """Returns the bytes of files by name."""
    return {name: file.content for name, file in files.items()}
