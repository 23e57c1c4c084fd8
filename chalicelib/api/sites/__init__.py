"""Routes of sites, zones, spaces and blackouts, for operators and for the public."""
