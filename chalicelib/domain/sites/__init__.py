"""Sites and zones: policy, opening hours, nights, blackouts."""
