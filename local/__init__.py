"""Berth on one machine: embedded AWS, HTTP front, movable clock, demo data. Never shipped."""
