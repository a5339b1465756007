"""What we know in prose: documents, the passages in them, and finding the one that answers a question."""
