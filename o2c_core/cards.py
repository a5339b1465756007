"""Card numbers are hidden before anything is kept."""
