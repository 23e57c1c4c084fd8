"""Bookings: creation, confirmation, changes, groups, deadlines."""
