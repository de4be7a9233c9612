"""Buckets of objects, pulled as files."""
