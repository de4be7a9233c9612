"""Ingest: land deliveries, read each once, judge every row, commit to the lake."""
