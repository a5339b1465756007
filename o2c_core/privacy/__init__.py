"""People's data: what is kept how long, what is given out and what is forgotten."""
