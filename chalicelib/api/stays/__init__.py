"""Routes of the gate, and the URLs of the replaced parking systems."""
