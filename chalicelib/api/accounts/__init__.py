"""Routes of sign-in, the own account, and users."""
