"""Routes of the waitlist."""
