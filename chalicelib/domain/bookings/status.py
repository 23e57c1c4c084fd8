"""The status of a booking, and the steps that change it (docs/rules/lifecycle.md, Steps)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import Sentence, say


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

    PAY = "fee_paid"
    CHECK_IN = "checked_in"
    CHECK_OUT = "checked_out"
    CANCEL = "cancelled"
    AUTO_CANCEL = "auto_cancelled"
    EXPIRE = "expired"
    LAPSE = "lapsed"
    TERMINATE = "terminated"


STEPS: Final[Mapping[Step, tuple[frozenset[Status], Status]]] = {
    Step.PAY: (frozenset({Status.PENDING}), Status.BOOKED),
    Step.CHECK_IN: (frozenset({Status.BOOKED}), Status.ACTIVE),
    Step.CHECK_OUT: (frozenset({Status.ACTIVE}), Status.COMPLETED),
    Step.CANCEL: (frozenset({Status.PENDING, Status.BOOKED}), Status.CANCELLED),
    Step.AUTO_CANCEL: (frozenset({Status.BOOKED}), Status.CANCELLED),
    Step.EXPIRE: (frozenset({Status.BOOKED}), Status.EXPIRED),
    Step.LAPSE: (frozenset({Status.PENDING}), Status.EXPIRED),
    Step.TERMINATE: (frozenset({Status.ACTIVE}), Status.CANCELLED),
}
"""The statuses from which a step is legal, and the status it leads to. The hold of a group becomes
a booking without a step of its own: `group.book` writes the booking over it."""

WHY_OVER: Final[Mapping[Status, Sentence]] = {
    Status.PENDING: say("over_pending"),
    Status.BOOKED: say("over_booked"),
    Status.ACTIVE: say("over_active"),
    Status.COMPLETED: say("over_completed"),
    Status.CANCELLED: say("over_cancelled"),
    Status.EXPIRED: say("over_expired"),
}
"""Why a booking in that status refuses a step."""

_OVER: Final[Mapping[Status, type[errors.AlreadyEnded]]] = {
    Status.COMPLETED: errors.StayEnded,
    Status.EXPIRED: errors.BookingExpired,
}

_ONLY: Final[Mapping[Step, Sentence]] = {
    Step.PAY: say("only_held_fee"),
    Step.AUTO_CANCEL: say("only_unconfirmed"),
    Step.EXPIRE: say("only_not_entered"),
    Step.LAPSE: say("only_a_hold"),
    Step.TERMINATE: say("only_begun"),
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
            return errors.IllegalTransition(say("check_out_instead"))
        case ((Step.CHECK_IN | Step.CHECK_OUT | Step.CANCEL), _):
            return _OVER.get(status, errors.AlreadyEnded)(WHY_OVER[status])
        case _:
            return errors.IllegalTransition(_ONLY[step])
