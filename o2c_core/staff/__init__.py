"""The seller's own people: who they are, what they may do, and what they looked at."""
