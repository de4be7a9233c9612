"""Benchmarks: the year's load against the same data work as one bare DuckDB script."""
