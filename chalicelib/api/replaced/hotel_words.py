"""Texts of the hotel system that Berth replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.api.web.answers import refusal_answer
from chalicelib.api.web.http import Answer
from chalicelib.domain.core import errors

CHECKED_OUT: Final = "Booking checked out successfully"

_TEXTS: Final[Mapping[str, str]] = {
    errors.BookingNotFound.code: "Booking not found",
    errors.NotCheckedIn.code: "Booking must be checked in to check out",
    errors.CheckoutFailed.code: "Booking has no assigned room to checkout from",
}
"""The old text of each refusal of a check-out, by code."""


def refused(refusal: errors.Refusal, request_id: str) -> Answer:
    """A refusal of a check-out, with the old text. One that says more than the usual keeps it."""
    answer = refusal_answer(refusal, request_id)
    error: dict[str, Any] = answer.body["error"]
    if refusal.code in _TEXTS and refusal.is_plain:
        error["message"] = _TEXTS[refusal.code]
    return answer


def processed(count: int, slug: str) -> str:
    """How the answer to a bulk check-out begins."""
    return f"Processed {count} room(s) in hotel '{slug}'"
