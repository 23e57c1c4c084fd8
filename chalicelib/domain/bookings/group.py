"""Groups of bookings (docs/rules/groups.md): several spaces for one time, one time on many dates,
or both. All bookings of a group are made, or none.

A group that is too large for one transaction starts with holds (`pending` bookings) for its last
bookings. The final transaction books the others and turns the holds into bookings. A hold that is
left behind lapses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.domain.bookings import allowance, ends
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.recurrence import MOST_TIMES
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import Change, Tally
from chalicelib.domain.core.sentence import say
from chalicelib.domain.occupancy.occupancy import SheetEdit

MOST_SPACES = 10
MOST_BOOKINGS = MOST_TIMES

MOST_WRITES = 98
"""Items of one transaction, besides the mail and the count of a quota."""

MOST_FREED = 40
"""Items of one transaction that frees time, with room for the offers that follow."""

HOLD = timedelta(minutes=5)
"""How long a hold lasts: far longer than a request takes."""

Scope = Literal["one", "rest", "all"]
"""Which bookings of a group to cancel: the named one, that one and all later ones, or all."""


def require_possible(quantity: int, times: int, *, named: bool) -> None:
    """Refuse a group that no zone can book: several times the same named space, or more than 52
    bookings. Raises Invalid."""
    if quantity > 1 and named:
        raise errors.Invalid({"quantity": say("must_be_one_with_space")})
    if quantity * times > MOST_BOOKINGS:
        limit = say("must_make_bookings", most=MOST_BOOKINGS)
        raise errors.Invalid({"quantity": limit})


def overflow(made: Sequence[BookingChange], held: int) -> int:
    """How many of the bookings, counted from the last, to hold next, so that in the end the others
    fit into one transaction with the `held` ones; at most as many as one transaction takes.

    >>> [overflow([], 0), overflow([BookingChange(saves=(None,), sheets=(None,))] * 52, 0)]
    [0, 6]
    """
    last = 0
    while _final(made, last) + held > MOST_WRITES:
        last += 1
    while last and writes(made[-last:]) > MOST_WRITES:
        last -= 1
    return last


def _final(made: Sequence[BookingChange], last: int) -> int:
    """The size of the final transaction, when the `last` bookings are held before it."""
    return writes(made[: len(made) - last]) + last


def writes(changes: Iterable[Change]) -> int:
    """How many bookings, sheets and allowances the changes write, each on its own."""
    return sum(
        len(each.saves) + len(each.deletes) + len(each.sheets) + len(_allowances(each))
        for each in changes
    )


def _allowances(change: Change) -> tuple[Tally, ...]:
    return tuple(filter(allowance.is_allowance, change.tallies))


def hold(made: Iterable[BookingChange], *, now: datetime) -> BookingChange:
    """Hold the intervals and the allowances of these bookings until their group is booked."""
    lapse = Deadline(DeadlineKind.HOLD_LAPSE, now + HOLD)
    return joined(
        BookingChange.of(_pending(each.booking, lapse))
        .with_sheets(each.sheets)
        .counting(*_allowances(each))
        for each in made
    )


def _pending(made: Booking, lapse: Deadline) -> Booking:
    """The booking as a hold: not counted by a quota, not started."""
    return replace(
        made,
        status=Status.PENDING,
        deadline=lapse,
        counted=False,
        actual_start=None,
        timeline=made.timeline[:1],
    )


def with_raised_versions(
    held: BookingChange, made: Iterable[BookingChange]
) -> tuple[BookingChange, ...]:
    """Adjust the expected sheet versions after `held` was written: two bookings may share a sheet
    at midnight."""
    raised = {_place(edit) for edit in held.sheets}
    return tuple(
        replace(each, sheets=tuple(_raised(edit, raised) for edit in each.sheets)) for each in made
    )


def _raised(edit: SheetEdit, raised: set[tuple[str, str, str]]) -> SheetEdit:
    if edit.expected is None or _place(edit) not in raised:
        return edit
    return replace(edit, expected=edit.expected + 1)


def _place(edit: SheetEdit) -> tuple[str, str, str]:
    return edit.zone_id, edit.number, edit.day


def book(
    group_id: str, made: Iterable[BookingChange], held: Iterable[BookingChange]
) -> BookingChange:
    """Book the whole group: new bookings and `held` ones, with one mail and one count of a
    quota."""
    change = joined((*made, *map(_kept, held)))
    if change.booking.has_mailbox:
        change = change.sending(effect.mail("group_confirmed", group_id))
    return change


def _kept(made: BookingChange) -> BookingChange:
    """The booking in place of its hold, whose sheets and allowances are written."""
    left = tuple(each for each in made.tallies if not allowance.is_allowance(each))
    return replace(made, saves=(replace(made.booking, version=2),), sheets=(), tallies=left)


def quota_of(zone_id: str) -> str:
    """The name of the tally of a zone's quota."""
    return f"quota.{zone_id}"


def deleted(held: Booking) -> BookingChange:
    """Delete a hold, and free its interval."""
    return replace(ends.freeing(held, held), saves=(), deletes=(held,))


def in_scope(named: Booking, scope: Scope, group: Iterable[Booking]) -> tuple[Booking, ...]:
    """The bookings of the group in `scope`: all, or those that do not begin before the named
    one."""
    return tuple(
        each for each in group if scope == "all" or each.booked.start >= named.booked.start
    )


def joined(changes: Iterable[BookingChange]) -> BookingChange:
    """Several changes of bookings as one, with one tally for each counter."""
    one = BookingChange()
    for each in changes:
        one = one.saving(*each.saves).deleting(*each.deletes).with_sheets(each.sheets)
        one = replace(one, tallies=_summed((*one.tallies, *each.tallies)))
    return one


def _summed(tallies: Iterable[Tally]) -> tuple[Tally, ...]:
    sums: dict[tuple[str, str], Tally] = {}
    for each in tallies:
        before = sums.get((each.locator, each.name))
        total = each.by + (before.by if before else 0)
        sums[each.locator, each.name] = replace(each, by=total)
    return tuple(sums.values())


def parts(changes: Iterable[BookingChange], most: int) -> tuple[tuple[BookingChange, ...], ...]:
    """The changes in parts of at most `most` writes and at least one change each."""
    packed: list[tuple[BookingChange, ...]] = []
    for each in changes:
        if packed and writes((*packed[-1], each)) <= most:
            packed[-1] = (*packed[-1], each)
        else:
            packed.append((each,))
    return tuple(packed)
