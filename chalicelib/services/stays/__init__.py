"""Use cases of a stay: check-in and check-out."""
