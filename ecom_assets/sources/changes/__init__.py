"""Changes of Postgres tables, by logical replication: a snapshot, then what a slot has since."""
