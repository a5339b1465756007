"""A fictional company to try Parley on: its customers, and six months of what they bought and paid."""
