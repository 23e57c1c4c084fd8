"""The status of a booking, and the steps that change it (docs/rules/lifecycle.md, Steps)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from chalicelib.domain.core import errors


class Status(StrEnum):
    """The status of a booking; the last three are final."""

    PENDING = "pending"
    BOOKED = "booked"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


LIVE: Final = frozenset({Status.PENDING, Status.BOOKED, Status.ACTIVE})


class Step(StrEnum):
    """A step that changes the status of a booking; its value is the word on the timeline."""

    CHECK_IN = "checked_in"
    CHECK_OUT = "checked_out"
    CANCEL = "cancelled"
    AUTO_CANCEL = "auto_cancelled"
    EXPIRE = "expired"
    LAPSE = "lapsed"
    TERMINATE = "terminated"


STEPS: Final[Mapping[Step, tuple[frozenset[Status], Status]]] = {
    Step.CHECK_IN: (frozenset({Status.BOOKED}), Status.ACTIVE),
    Step.CHECK_OUT: (frozenset({Status.ACTIVE}), Status.COMPLETED),
    Step.CANCEL: (frozenset({Status.PENDING, Status.BOOKED}), Status.CANCELLED),
    Step.AUTO_CANCEL: (frozenset({Status.BOOKED}), Status.CANCELLED),
    Step.EXPIRE: (frozenset({Status.BOOKED}), Status.EXPIRED),
    Step.LAPSE: (frozenset({Status.PENDING}), Status.EXPIRED),
    Step.TERMINATE: (frozenset({Status.ACTIVE}), Status.CANCELLED),
}
"""The statuses from which a step is legal, and the status it leads to. A hold becomes a booking
without a step of its own: `group.book` writes the booking over it."""

WHY_OVER: Final[Mapping[Status, str]] = {
    Status.PENDING: "This booking is only held so far. Try again in a few minutes.",
    Status.BOOKED: "This booking has not begun.",
    Status.ACTIVE: "The guest of this booking is checked in.",
    Status.COMPLETED: "This stay has ended already.",
    Status.CANCELLED: "This booking was cancelled.",
    Status.EXPIRED: "This booking has expired: nobody came in its time.",
}
"""Why a booking in that status refuses a step, as a sentence."""

_OVER: Final[Mapping[Status, type[errors.AlreadyEnded]]] = {
    Status.COMPLETED: errors.StayEnded,
    Status.EXPIRED: errors.BookingExpired,
}

_ONLY: Final[Mapping[Step, str]] = {
    Step.AUTO_CANCEL: "Only an unconfirmed booking can be cancelled automatically.",
    Step.EXPIRE: "Only a booking nobody has entered can expire.",
    Step.LAPSE: "Only a hold can lapse.",
    Step.TERMINATE: "Only a stay that has begun can be terminated.",
}
"""The refusals of steps that customers and attendants do not take."""


def require_step(step: Step, status: Status) -> Status:
    """The status after `step`. Raises AlreadyEntered, NotCheckedIn, AlreadyEnded or
    IllegalTransition where `status` does not allow it."""
    before, after = STEPS[step]
    if status not in before:
        raise _refusal(step, status)
    return after


def _refusal(step: Step, status: Status) -> errors.Refusal:
    match step, status:
        case Step.CHECK_IN, Status.ACTIVE:
            return errors.AlreadyEntered()
        case Step.CHECK_OUT, Status.BOOKED:
            return errors.NotCheckedIn()
        case Step.CANCEL, Status.ACTIVE:
            return errors.IllegalTransition("The stay has begun. Check out instead.")
        case ((Step.CHECK_IN | Step.CHECK_OUT | Step.CANCEL), _):
            return _OVER.get(status, errors.AlreadyEnded)(WHY_OVER[status])
        case _:
            return errors.IllegalTransition(_ONLY[step])
