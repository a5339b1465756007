"""Where the ledger is kept: PostgreSQL, everywhere."""
