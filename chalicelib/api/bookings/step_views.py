"""Views of a booking or an entry after a step, with a message as the venue system has it."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.api.bookings.entry_views import WaitlistEntryView
from chalicelib.api.bookings.views import BookingDetailView, BookingView
from chalicelib.api.web.spoken import Spoken, Translated


@dataclass(frozen=True)
class ConfirmedView(BookingDetailView):
    """A confirmed booking."""

    message: Translated


@dataclass(frozen=True)
class ClaimedView(BookingView):
    """The booking that a claim has made."""

    message: Translated
    waitlist_entry_id: str


@dataclass(frozen=True)
class LeftEntryView(WaitlistEntryView, Spoken):
    """An entry that has left the waitlist."""

    message: Translated
