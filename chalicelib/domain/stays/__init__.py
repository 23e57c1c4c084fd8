"""Stays: check-in and check-out."""
