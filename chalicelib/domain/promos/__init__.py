"""Promo codes and what they are used for."""
