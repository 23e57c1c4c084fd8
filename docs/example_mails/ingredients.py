"""What every example is made of: its links, its codes and its invitation."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.domain.mail.operator import Operator
from chalicelib.gateways.tokens import Tokens
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.reader import Reader
from docs.example_places import (
    EVENING,
)

SENDER = "no-reply@berth.example.com"
OPERATOR = Operator("Berth", "help@berth.example.com", "https://app.berth.example.com")
TOKENS = Tokens({"example": b"for the examples alone, not a key"})


def invitation(reader: Reader, now: datetime) -> Invitation:
    """From the garage, the hall or the hotel to a guest."""
    return Invitation(reader, SENDER, "berth.example.com", now)


def link(purpose: LinkPurpose) -> str:
    """A link as long as they are."""
    token = TOKENS.link(purpose, "BK7Q2M9X4T1NG1QR00006", 0, EVENING + timedelta(days=7))
    page = "pay" if purpose == "pay" else "l"
    return f"https://berth.example.com/{page}/{token}"
