"""What is true, and what may be done."""
