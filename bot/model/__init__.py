"""A provider's model: what it is asked, within which limits, and what of the customer it never sees."""
