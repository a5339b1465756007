"""What is owed, what was paid, and what is left."""
