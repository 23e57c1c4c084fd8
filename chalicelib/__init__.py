"""Berth: a serverless bookings backend. Everything below this package is shipped to Lambda."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.3.0"
"""The newest release; CHANGELOG.md describes it."""
