"""Sources, pulled into the inbox: as Parquet, or the files of a bucket as they are.

``round.py`` pulls all feeds. Of each kind of source a module pulls one feed: ``pull_table.py`` and
``pull_changes.py`` (databases), ``pull_endpoint.py`` (REST APIs), ``pull_bucket.py`` (files).
"""
