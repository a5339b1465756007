"""A stand-in for the providers: it behaves as their documents say, remembers what it accepted, and fails on request."""
