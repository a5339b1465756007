"""How words travel."""
