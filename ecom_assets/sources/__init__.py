"""Sources: tables of a shop's database, pulled into the inbox as Parquet files."""
