"""Use cases of bookings before and after the stay."""
