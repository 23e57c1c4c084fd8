"""Prices: tariffs, their JSON, and the bill of a stay."""
