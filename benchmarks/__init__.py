"""Benchmarks: a load, and the simulation, against the same work done by DuckDB alone."""
