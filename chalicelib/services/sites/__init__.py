"""Use cases of sites, zones, spaces and blackouts."""
