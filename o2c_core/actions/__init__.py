"""Everything that can be done: one verb, one file."""
