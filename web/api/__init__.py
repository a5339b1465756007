"""The door for other systems: a REST API over the ledger, by which an ERP pushes and pulls."""
