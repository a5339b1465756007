"""What the books say in one number."""
