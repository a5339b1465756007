"""The desk: where the seller's own people work."""
