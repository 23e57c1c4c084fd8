"""Occupancy: which space is taken when, and by which booking or offer."""
