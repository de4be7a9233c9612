"""Drafting a feed from a sample of its files: what they are, what their columns mean."""
