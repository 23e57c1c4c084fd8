"""Routes and views of bookings."""
