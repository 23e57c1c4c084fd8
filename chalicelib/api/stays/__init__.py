"""Routes of the gate: entry and exit, and the spaces right now."""
