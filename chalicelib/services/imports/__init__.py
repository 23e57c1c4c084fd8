"""Bringing data over from another system, a batch of records at a time."""
