"""Customers' own pages, behind a signed link instead of a password."""
