"""Sources, pulled into the inbox: as Parquet, or the files of a bucket as they are.

``round.py`` pulls all feeds. Each kind of source has a room, where a module pulls one feed:
``databases/pull_table.py``, ``changes/pull_changes.py``, ``apis/pull_endpoint.py`` and
``buckets/pull_bucket.py``.
"""
