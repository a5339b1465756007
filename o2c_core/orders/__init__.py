"""What was ordered and how it travels."""
