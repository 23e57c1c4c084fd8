"""Measurements: figures to print, never to fail a test. `make bench` runs them all."""
