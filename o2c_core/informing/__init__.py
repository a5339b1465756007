"""Keeping customers informed at every step of their order and their account."""
