"""Shifts and incidents."""
