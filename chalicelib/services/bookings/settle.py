"""Apply overdue deadlines of bookings (no-show, overstay, …). Sweeps do it, and every read
does it first. Settling late does not change recorded times (docs/rules/lifecycle.md)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from chalicelib.domain.bookings import confirmation_steps, deadline, deposits, no_show
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, ids, localtime
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheet, Sheets
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import auto_renewal, ending, overstays, paybacks
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offers

MOST_SETTLED = 25
"""Bookings read before a refusal, the earliest first: they are most likely over. A sweep settles
the others."""


def settled(
    deps: Deps, booking: Booking, *, source: Source = "lazy", leaving: bool = False
) -> Booking:
    """`booking` after its overdue deadlines: one transaction for each. A stay whose guest is
    `leaving` before its end does not renew first. Raises StaleVersion where another step has
    changed it since it was read."""
    while booking.deadline is not None and booking.deadline.is_due(deps.now()):
        renews = booking.deadline.kind is DeadlineKind.AUTO_RENEW
        if leaving and renews and _ends_later(deps, booking):
            return booking
        booking = _after(deps, booking, booking.deadline, source).as_stored()
    return booking


def _ends_later(deps: Deps, booking: Booking) -> bool:
    """Whether a stay that is due to renew has not come to its end yet."""
    end = booking.deadline_unless_renewed(places.zone_of(deps, booking).policy)
    return end is not None and not end.is_due(deps.now())


def read(deps: Deps, booking_id: str, *, leaving: bool = False) -> Booking:
    """Read a booking and settle it: one read if nothing is due. Raises BookingNotFound."""
    return deps.retry_on_conflict(
        lambda: settled(deps, deps.bookings.get(booking_id), leaving=leaving)
    )


def room(deps: Deps, room: Room) -> Room:
    """A room that has just been read, after an overdue stay in it was ended: one read for an
    occupied room, and one more where the stay ended."""
    if room.booking_id is None:
        return room
    try:
        is_live = read(deps, room.booking_id).is_live
    except errors.BookingNotFound:
        return room
    return room if is_live else deps.rooms.get(room.zone_id, room.number)


def each(deps: Deps, bookings: Iterable[Booking]) -> tuple[Booking, ...]:
    """The bookings, each settled. One that has changed since it was read is read again."""
    return tuple(_settled_or_read(deps, booking) for booking in bookings)


def overdue_stays(deps: Deps, sheets: Sheets) -> bool:
    """Settle the bookings and offers in the sheets whose interval is over. True if any has ended:
    then the sheets have changed."""
    ended = _any_ended(deps, occupancy.overdue(sheets, now=deps.now()))
    return _any_lapsed(deps, sheets) or ended


def obstacles(deps: Deps, sheets: Sheets, zone: Zone, *, most: int | None = MOST_SETTLED) -> bool:
    """Settle the bookings that may be in the way, before a refusal for want of space. These are the
    overdue stays; in a zone where bookings can end early, all that have begun; in a zone with
    confirmation, all that may be due for auto-cancel. Reads the `most` earliest (None: all), in one
    read for each hundred. True if any has ended."""
    policy = zone.policy
    if not (policy.confirmation or deadline.may_end_early(kind=zone.kind, policy=policy)):
        return overdue_stays(deps, sheets)
    if _any_lapsed(deps, sheets):
        return True
    ahead = timedelta(minutes=policy.auto_cancel_lead if policy.confirmation else 0)
    return _any_ended(deps, occupancy.begun(sheets, now=deps.now() + ahead)[:most])


def sheets_of(deps: Deps, zone: Zone, read: Callable[[], Iterable[Sheet]]) -> tuple[Sheet, ...]:
    """The sheets that `read` reads, after all that is over on them has ended: read once more where
    anything was. No booking is read where none of them may be over."""
    sheets = tuple(read())
    return tuple(read()) if obstacles(deps, sheets, zone, most=None) else sheets


def retry_if_freed(deps: Deps, zone: Zone, sheets: Sheets, numbers: Collection[str]) -> None:
    """Settle `obstacles` in the spaces `numbers` before a refusal for want of space. Raises
    StaleVersion if that freed time: the step starts again from its reads."""
    if obstacles(deps, [sheet for sheet in sheets if sheet.number in numbers], zone):
        raise errors.StaleVersion()


def retry_if_not_come(deps: Deps, sheets: Sheets, number: str) -> None:
    """Settle the holds and the bookings without a stay in a space, the earliest first, before a
    stay in it is not renewed: one batch read. A stay is left alone, because it may be due to renew
    as well. Raises StaleVersion if any has ended: the step starts again from its reads."""
    own = [sheet for sheet in sheets if sheet.number == number]
    holders = [who for who in occupancy.held(own).get(number, {}) if ids.booking_key(who)]
    found = deps.bookings.many(holders[:MOST_SETTLED])
    waiting = [one for one in found if one.status is not Status.ACTIVE]
    ended = any(not booking.is_live for booking in each(deps, waiting))
    if offers.any_lapsed(deps, own) or ended:
        raise errors.StaleVersion()


def retry_if_ended(deps: Deps, booking_ids: Sequence[str]) -> None:
    """Settle these bookings before a refusal because of them: one read. Raises StaleVersion if any
    of them has ended: the step starts again from its reads."""
    if _any_ended(deps, booking_ids):
        raise errors.StaleVersion()


def retry_if_newest_ended(deps: Deps, user_id: str) -> None:
    """Settle the newest bookings of a customer before a refusal because of their number: one query.
    Raises StaleVersion if any of them has ended: the step starts again from its reads."""
    newest = deps.bookings.of_owner(user_id, limit=MOST_SETTLED).records
    due = [b for b in newest if b.deadline is not None and b.deadline.is_due(deps.now())]
    if any(not booking.is_live for booking in each(deps, due)):
        raise errors.StaleVersion()


@contextmanager
def before_quota_refusal(deps: Deps, user_id: str | None) -> Iterator[None]:
    """Settle the newest bookings of a customer before QuotaReached is raised. Raises StaleVersion
    as `retry_if_newest_ended`."""
    try:
        yield
    except errors.QuotaReached:
        if user_id is not None:
            retry_if_newest_ended(deps, user_id)
        raise


def _any_lapsed(deps: Deps, sheets: Sheets) -> bool:
    """Settle the holds that have lapsed but are still listed: offers, and bookings whose fee was
    not paid in time. True if there were any."""
    holds = occupancy.lapsed(sheets, now=deps.now())
    unpaid = [holder for holder in holds if ids.booking_key(holder)][:MOST_SETTLED]
    return _any_ended(deps, unpaid) or offers.any_lapsed(deps, sheets)


def _any_ended(deps: Deps, holders: Sequence[str]) -> bool:
    if not holders:
        return False
    return any(not booking.is_live for booking in each(deps, deps.bookings.many(holders)))


def _settled_or_read(deps: Deps, booking: Booking) -> Booking:
    try:
        return settled(deps, booking)
    except errors.StaleVersion:
        return read(deps, booking.booking_id)


def _after(deps: Deps, booking: Booking, due: Deadline, source: Source) -> Booking:
    """The booking after a deadline of its has been applied and committed."""
    if due.kind is DeadlineKind.AUTO_RENEW:
        return auto_renewal.apply(deps, booking, source=source, settle_others=retry_if_not_come)
    change = _change_for(deps, booking, due, source)
    deps.commit(change)
    return change.booking


def _change_for(deps: Deps, booking: Booking, due: Deadline, source: Source) -> BookingChange:
    match due.kind:
        case DeadlineKind.REMINDER:
            policy = places.zone_of(deps, booking).policy
            return confirmation_steps.remind(booking, policy=policy, source=source, now=deps.now())
        case DeadlineKind.AUTO_CANCEL:
            policy = places.zone_of(deps, booking).policy
            over = confirmation_steps.auto_cancel(booking, policy=policy, source=source, at=due.at)
            return paybacks.with_refund(deps, over)
        case DeadlineKind.AUTO_START:
            policy = places.zone_of(deps, booking).policy
            return booking.start(by=SYSTEM, policy=policy, source=source)
        case DeadlineKind.NO_SHOW | DeadlineKind.HOLD_LAPSE:
            entry_id = deps.new_id("LE")
            return no_show.expire(booking, by=SYSTEM, source=source, at=due.at, entry_id=entry_id)
        case DeadlineKind.DEPOSIT_RETURN:
            now, entry_id, tz = deps.now(), deps.new_id("LE"), places.site_of(deps, booking).tz
            on = localtime.local_date(now, tz)
            return deposits.come_back(booking, source=source, on=on, now=now, entry_id=entry_id)
        case DeadlineKind.OVERSTAY:
            return overstays.keep(deps, booking, source=source)
        case DeadlineKind.AUTO_CHECKOUT:
            route: Source = "auto_checkout" if source == "sweep" else source
            return ending.end_stay(deps, booking, by=SYSTEM, source=route, at=due.at, tender=None)
        case DeadlineKind.OFFER_LAPSE | DeadlineKind.WISH_OVER | DeadlineKind.AUTO_RENEW:
            raise AssertionError(f"{due.kind} is not settled here")
