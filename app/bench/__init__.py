"""How fast Parley is, measured through its real doors."""
