"""A crash, a timeout or a throttled table at any single AWS call of any use case, then the same
again, as its client or schedule sends it: nothing is lost, nothing is doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.domain.core.errors import Unavailable
from chalicelib.store.audit import AuditItem
from chalicelib.store.incidents import IncidentItem
from chalicelib.store.rooms import RoomStepItem
from chalicelib.store.shifts import DrawerItem, ShiftItem
from tests.client import Reply
from tests.faults.harness import Harness
from tests.faults.use_case import Act, UseCase
from tests.faults.use_cases import USE_CASES
from tests.faults.wire import Died, Fault, Wire, faults
from tests.model import invariants, waitlist_invariants

MOST_REPEATS = 4
USE = "destructive_rooms_check_out"


@pytest.mark.parametrize("case", USE_CASES, ids=lambda case: case.name)
def test_whatever_breaks_at_whatever_call_the_same_again_ends_as_if_nothing_had(
    harness: Harness, case: UseCase
) -> None:
    _assert_that_no_break_leaves_a_trace(harness, case)


@pytest.mark.engine2
@pytest.mark.parametrize("name", ["book the last bay", "exit", "auto-checkout", "decline an offer"])
def test_the_same_holds_on_an_engine_with_transactions_of_its_own(
    harness: Harness, name: str
) -> None:
    _assert_that_no_break_leaves_a_trace(
        harness, next(case for case in USE_CASES if case.name == name)
    )


def _assert_that_no_break_leaves_a_trace(harness: Harness, case: UseCase) -> None:
    act = harness.arranged(case)
    with harness.wire.breaking(0, None):
        undisturbed = act()
    calls, expected = list(harness.wire.calls), _outcome(harness)
    assert "TransactWriteItems" in calls
    assert _is_done(case, undisturbed)
    for at in range(len(calls)):
        for fault in faults(at):
            _assert_that_a_repeat_mends(harness, case, at, fault, expected)


def _assert_that_a_repeat_mends(
    harness: Harness, case: UseCase, at: int, fault: Fault, expected: Any
) -> None:
    act = harness.arranged(case)
    _try(harness.wire, act, at, fault)
    for _ in range(MOST_REPEATS):
        answer = act()
        if _is_done(case, answer):
            break
        assert answer.code == "REQUEST_IN_PROGRESS", (at, fault, answer)
        harness.clock.move(seconds=15)
    else:
        pytest.fail(f"never done: call {at} {fault}")
    assert _outcome(harness) == expected, (at, fault)


def _try(wire: Wire, act: Act, at: int, fault: Fault) -> None:
    """The attempt that breaks: a client gets no answer, or 503 and when to repeat; a sweep that
    cannot read its index fails, and its schedule starts it again."""
    answer = None
    with wire.breaking(at, fault):
        try:
            answer = act()
        except Died:
            assert fault.startswith("dies")
        except Unavailable:
            assert fault in ("times out", "is throttled")
    assert len(wire.calls) > at, "the fault was never reached"
    if isinstance(answer, Reply) and answer.status >= 400:
        assert (answer.status, answer.code) == (503, "UNAVAILABLE"), (at, fault, answer)
        assert int(answer.headers["Retry-After"]) > 0


def _is_done(case: UseCase, answer: Any) -> bool:
    if not isinstance(answer, Reply):
        return True
    return answer.status < 300 or answer.code in case.repeated


def _outcome(harness: Harness) -> tuple[Any, ...]:
    """What a run has stored, without what differs by chance from run to run."""
    stored = invariants.check(harness.clock.now())
    line = Counter(entry.status for entry in waitlist_invariants.check(harness.deps, stored.sheets))
    ends = Counter(
        (b.status, b.payment_status, b.paid, b.checked_out_by is not None)
        for b in stored.bookings.values()
    )
    kinds = Counter(entry.kind for entry in stored.entries)
    effects = Counter(name for name, _ in stored.effects)
    rooms = Counter(room.condition for room in stored.rooms)
    steps = len(list(RoomStepItem.scan(RoomStepItem.pk.startswith("turnover#"))))
    allowed = AuditItem.outcome == "allowed"
    events = list(AuditItem.scan(filter_condition=allowed))
    audited = Counter(event.action for event in events if event.action != USE)
    return (
        ends,
        kinds,
        effects,
        len(stored.owing),
        line,
        rooms,
        steps,
        audited,
        _is_each_step_of_a_use(events),
        _shifts_and_incidents(),
    )


def _is_each_step_of_a_use(events: Sequence[AuditItem]) -> bool:
    """Whether the destructive mode was used. Each request is a use of its own
    (tests/faults/test_force.py), and each step of one names a use that is audited."""
    uses = {event.sk for event in events if event.action == USE}
    for event in events:
        if event.action in ("clear_room", "destructive_check_out"):
            _, _, named = (event.detail or "").rpartition("(use ")
            assert named.rstrip(")") in uses, event.detail
    return bool(uses)


def _shifts_and_incidents() -> tuple[Any, ...]:
    """The shifts and incidents that are stored."""
    opened = Counter(shift.closed is None for shift in ShiftItem.scan(ShiftItem.opened.exists()))
    drawers = Counter(last.closed is None for last in DrawerItem.scan(DrawerItem.shift_id.exists()))
    return opened, drawers, len(list(IncidentItem.scan(IncidentItem.text.exists())))
