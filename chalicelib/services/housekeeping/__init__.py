"""Use cases of housekeeping: the board, room steps, rooms to clean."""
