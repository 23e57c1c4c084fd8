"""`python -m local import`: bring data over from another system (docs/migrate/import.md)."""
