"""Other systems: the keys they come with, and what they are told."""
