"""Routes of shifts and incidents."""
