"""Sources: tables of a database and endpoints of a REST API, pulled into the inbox as Parquet."""
