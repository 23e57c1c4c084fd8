"""Routes of promo codes."""
