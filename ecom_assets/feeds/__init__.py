"""Feeds: one folder per kind of export, ``feed.yaml`` plus one SQL file per dataset it fills."""

from ecom_assets.feeds.model import Feed, FeedColumn, load_feed, load_feeds
from ecom_assets.feeds.pull import Pull

__all__ = ["Feed", "FeedColumn", "Pull", "load_feed", "load_feeds"]
