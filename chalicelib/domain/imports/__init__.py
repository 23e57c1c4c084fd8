"""Bringing data over: records of another system, and the records made of them."""
