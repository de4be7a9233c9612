"""Checking a feed: what is wrong with its files, and what of sample deliveries it would accept."""
