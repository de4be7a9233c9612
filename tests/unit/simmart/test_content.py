"""What the simulated files hold: cut from one text, as if each had been written by itself."""

from datetime import date
from io import BytesIO

import polars as pl
import pytest

from ecom_assets.simmart import content
from ecom_assets.simmart.batch import Batch, batch_of
from ecom_assets.simmart.columns import INSTANT
from ecom_assets.simmart.dirty_files import DirtyFiles
from ecom_assets.simmart.plan import MARKETS, Plan, Scale
from ecom_assets.simmart.shop import Shop

SMALL = Scale(customers=200, products=60, stocked=40, orders=400, campaigns=10, visits=200, days=20)
SHOP = Shop(Plan("shop", 3, SMALL, date(2026, 3, 20), 20, MARKETS[2], "EUR", dirt={"header": 0.2}))


def alone(batch: Batch, dirty: DirtyFiles, slot: int) -> bytes:
    rows, target = batch.of_slot(slot).rename(dirty.changed_header(slot)), BytesIO()
    if batch.feed.format == "jsonl":
        rows.write_ndjson(target)
    else:
        rows.write_csv(target, float_precision=0, datetime_format=INSTANT)
    return target.getvalue()


@pytest.mark.parametrize("feed", ["simmart_orders", "simmart_shipments", "simmart_events"])
def test_a_file_is_what_it_would_be_alone(feed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "ROWS_AT_ONCE", 50)
    batch = batch_of(SHOP, feed)
    dirty, some = DirtyFiles(batch), batch.files[3:]
    found = dict(content.contents(batch, dirty, some))
    assert list(found) == some.tolist()
    assert all(found[slot] == alone(batch, dirty, slot) for slot in found)
    assert list(content.contents(batch, dirty, some[:0])) == []


def test_a_line_break_in_a_value_stops_the_cutting() -> None:
    batch = batch_of(SHOP, "simmart_orders")
    broken = batch.holding(batch.rows.with_columns(device=pl.lit("a\nb")), batch.slot)
    with pytest.raises(ValueError, match="simmart_orders: a value has a line break"):
        list(content.contents(broken, DirtyFiles(broken), broken.files))
