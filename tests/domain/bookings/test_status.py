from __future__ import annotations

import re
from pathlib import Path

import pytest

from chalicelib.domain.bookings.status import LIVE, STEPS, Status, Step, require_step
from chalicelib.domain.core import errors

ROOT = Path(__file__).parents[3]

PENDING, BOOKED, ACTIVE = Status.PENDING, Status.BOOKED, Status.ACTIVE
COMPLETED, CANCELLED, EXPIRED = Status.COMPLETED, Status.CANCELLED, Status.EXPIRED

ENDED, INSIDE, NOT_INSIDE = "ALREADY_ENDED", "ALREADY_CHECKED_IN", "NOT_CHECKED_IN"
ILLEGAL = "ILLEGAL_TRANSITION"

# What each step makes of a booking in each status, in the order of Status.
OUTCOMES: dict[Step, tuple[Status | str, ...]] = {
    Step.PAY: (BOOKED, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL),
    Step.CHECK_IN: (ENDED, ACTIVE, INSIDE, ENDED, ENDED, ENDED),
    Step.CHECK_OUT: (ENDED, NOT_INSIDE, COMPLETED, ENDED, ENDED, ENDED),
    Step.CANCEL: (CANCELLED, CANCELLED, ILLEGAL, ENDED, ENDED, ENDED),
    Step.AUTO_CANCEL: (ILLEGAL, CANCELLED, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL),
    Step.EXPIRE: (ILLEGAL, EXPIRED, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL),
    Step.LAPSE: (EXPIRED, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL),
    Step.TERMINATE: (ILLEGAL, ILLEGAL, CANCELLED, ILLEGAL, ILLEGAL, ILLEGAL),
}


@pytest.mark.parametrize("step", Step)
def test_every_step_from_every_status_leads_somewhere_or_is_refused_by_name(step: Step) -> None:
    assert tuple(_outcome(step, status) for status in Status) == OUTCOMES[step]


def _outcome(step: Step, status: Status) -> Status | str:
    try:
        return require_step(step, status)
    except errors.Conflict as refusal:
        return refusal.code


def test_steps_begin_in_the_live_statuses_and_in_no_other() -> None:
    assert frozenset().union(*(before for before, _ in STEPS.values())) == LIVE


def test_a_hold_at_the_gate_is_called_a_hold() -> None:
    with pytest.raises(errors.AlreadyEnded, match="over_pending"):
        require_step(Step.CHECK_IN, PENDING)


def test_a_fee_that_is_not_awaited_is_refused_in_words_of_its_own() -> None:
    with pytest.raises(errors.IllegalTransition, match="only_held_fee"):
        require_step(Step.PAY, BOOKED)
    with pytest.raises(errors.IllegalTransition, match="only_a_hold"):
        require_step(Step.LAPSE, BOOKED)


def test_the_page_on_the_life_of_a_booking_has_the_same_steps() -> None:
    page = (ROOT / "docs/rules/lifecycle.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page, re.MULTILINE)
    steps = {(one, after) for before, after in STEPS.values() for one in before}
    # A payment that comes after the hold has lapsed makes it a hold again, in the same step.
    assert {(Status(a), Status(b)) for a, b in rows} == steps | {(EXPIRED, BOOKED)}


def test_only_new_bookings_and_holds_get_a_status_without_a_step() -> None:
    files = (ROOT / "chalicelib").rglob("*.py")
    setting = {file.name for file in files if "status=Status." in file.read_text()}
    assert setting == {
        "create.py",
        "group.py",
        "online.py",  # a hold until it is paid
        "online_capture.py",  # a hold again, to be paid in the same step
        "bookings.py",  # brings bookings over
    }
