"""Journal entries for tests that need no file behind them."""

from datetime import UTC, date, datetime

from ecom_assets.ingest.journal import Delivery


def delivery(
    seq: int = 1,
    name: str = "2011-08-07.csv",
    sha256: str = "a",
    delivered_on: date = date(2011, 8, 7),
    store: str = "shop",
    feed: str = "lines",
) -> Delivery:
    """Returns an entry as landing would note it."""
    return Delivery(
        seq=seq,
        store=store,
        feed=feed,
        name=name,
        delivered_on=delivered_on,
        sha256=sha256,
        bytes=10,
        landed_at=datetime(2011, 8, 8, 2, 0, seq, tzinfo=UTC),
        path=f"{store}/{feed}/{delivered_on}/{sha256}-{name}",
    )
