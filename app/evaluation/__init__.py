"""Evaluation in the box: what the assistant understands, and what it does and says to customers with a goal."""
