"""Views of booking and cancelling, one booking or several at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.bookings.views import BookingView, CancelledView
from chalicelib.api.web.spoken import Spoken, Translated
from chalicelib.api.web.values import ErrorCode, Instant, LocalDay
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.constraints import Doc


@dataclass(frozen=True)
class MissedDateView(Spoken):
    """A date that could not be booked, by the calendar of the site; `code` and `message` are those
    of a booking of that date alone."""

    date: LocalDay
    code: ErrorCode
    message: Translated


@dataclass(frozen=True)
class MadeView(BookingView):
    """A booking that was made; with `quantity` or `repeat` the first of its group."""

    bookings: Annotated[
        tuple[BookingView, ...],
        Doc("All bookings of the group, earliest first; empty for one that was made alone."),
    ]
    skipped: Annotated[tuple[MissedDateView, ...], Doc("The dates of the group not booked.")]


@dataclass(frozen=True)
class KeptView(Spoken):
    """A booking that could not be cancelled, with the reason."""

    booking_id: str
    status: Status
    start_time: Instant
    code: ErrorCode
    message: Translated


@dataclass(frozen=True)
class CancellingView(CancelledView):
    """The booking that was named and its refund; with a `scope` beyond it also what was done to
    the others. It is not cancelled itself where it is among `kept`."""

    cancelled: Annotated[
        tuple[CancelledView, ...],
        Doc("With such a scope all bookings that were cancelled; otherwise empty."),
    ]
    kept: Annotated[tuple[KeptView, ...], Doc("Those of the scope that were not cancelled.")]
