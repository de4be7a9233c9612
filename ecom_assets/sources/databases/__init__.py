"""Tables of databases, pulled through DuckDB's extensions."""
