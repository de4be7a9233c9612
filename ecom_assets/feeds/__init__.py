"""Feeds: one folder per kind of export, ``feed.yaml`` plus one SQL file per dataset it fills."""

from ecom_assets.feeds.model import Feed, FeedColumn
from ecom_assets.feeds.pull import Pull
from ecom_assets.feeds.registry import load_feed, load_feeds, shipped_feeds

__all__ = ["Feed", "FeedColumn", "Pull", "load_feed", "load_feeds", "shipped_feeds"]
