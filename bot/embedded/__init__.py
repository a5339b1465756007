"""The model that comes in the box: what a message says and asks, read without a key, a network or a download."""
