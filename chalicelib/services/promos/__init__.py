"""Promo codes: the codes of a site, and the code of a booking."""
