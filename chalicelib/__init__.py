"""Berth: a serverless bookings backend. Everything below this package is shipped to Lambda."""
