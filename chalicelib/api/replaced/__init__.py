"""URLs of the systems that Berth replaces, one file a system."""
