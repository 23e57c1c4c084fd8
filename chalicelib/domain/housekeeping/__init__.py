"""Rooms between two guests: conditions and the steps of housekeeping."""
