"""The dates of a group (`group.py`): which of them the zone allows, and which spaces are free on
each. A date that cannot be had says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings import admission, recurrence
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.sites.site import Site, Zone


@dataclass(frozen=True)
class Date:
    """The `nth` date of a group (from 0), begun `on` that day at the site: its interval and its
    spaces, or why it cannot be had."""

    nth: int
    on: date
    interval: Interval | None = None
    numbers: tuple[str, ...] = ()
    refusal: errors.Refusal | None = None

    def refused(self, why: errors.Refusal) -> Self:
        return replace(self, numbers=(), refusal=why)

    @property
    def as_json(self) -> dict[str, str]:
        """Why it cannot be had, for those who asked."""
        assert self.refusal is not None
        why = self.refusal
        return {"date": self.on.isoformat(), "code": why.code, "message": why.message}


Dates = tuple[Date, ...]


def of(first: Interval, repeat: Repeat | None, tz: ZoneInfo) -> Dates:
    """The dates of `first`, with those refused on which clocks leave its times out or show them
    twice. Raises Invalid."""
    if repeat is None:
        return (Date(0, localtime.local_date(first.start, tz), first),)
    days = recurrence.dates(first, repeat, tz)
    return tuple(_date(first, nth, on, tz) for nth, on in enumerate(days))


def _date(first: Interval, nth: int, on: date, tz: ZoneInfo) -> Date:
    try:
        return Date(nth, on, recurrence.on(first, on, tz))
    except errors.Conflict as refusal:
        return Date(nth, on, refusal=refusal)


def admitted(wanted: Dates, *, site: Site, zone: Zone, now: datetime) -> Dates:
    """The dates, with those refused that the zone does not allow. Raises ZoneClosed, and Invalid
    for what is wrong with all of them alike."""
    return tuple(_admitted(each, site, zone, now) for each in wanted)


def _admitted(wanted: Date, site: Site, zone: Zone, now: datetime) -> Date:
    if wanted.interval is None:
        return wanted
    try:
        admission.check(wanted.interval, site=site, zone=zone, now=now)
    except errors.ZoneClosed:
        raise
    except errors.Conflict as refusal:
        return wanted.refused(refusal)
    except errors.Invalid as fault:
        if wanted.nth == 0:
            raise
        return wanted.refused(_of_that_date(fault))
    return wanted


def _of_that_date(fault: errors.Invalid) -> errors.Refusal:
    """Only in its start and, where clocks change, in its length does it differ from the first."""
    if "start" in fault.fields:
        return errors.TooFarAhead(f"The start {fault.fields['start']}.")
    why = f"Clocks change in between, and the minutes {fault.fields['minutes']}."
    return errors.Invalid(fault.fields, why)


def within(wanted: Dates, room: int, *, quantity: int) -> Dates:
    """The dates, with those refused that are more than the `room` a quota leaves."""
    dates: list[Date] = []
    for each in wanted:
        if each.refusal is None:
            room -= quantity
        over = each.refusal is None and room < 0
        dates.append(each.refused(errors.QuotaReached()) if over else each)
    return tuple(dates)


def sheets_on(
    sheets: Sheets, interval: Interval, paging: Paging, *, now: datetime, lookback: timedelta
) -> Sheets:
    """Those of the sheets that decide what is free for `interval`."""
    first, last = occupancy.window(interval, paging, now=now, lookback=lookback)
    return [sheet for sheet in sheets if first <= sheet.day <= last]


@dataclass(frozen=True)
class Choice:
    """How spaces are chosen: `quantity` of `numbers`, by `lot`; `full` says that there are not so
    many. Stays in the zone may have outlasted their end by `lookback`."""

    numbers: tuple[str, ...]
    quantity: int
    lot: int
    full: errors.Conflict
    lookback: timedelta
    paging: Paging

    def of(self, free: Sequence[str]) -> tuple[str, ...]:
        """So many of the free spaces, one behind the other from the lot on."""
        return tuple(occupancy.choose(free, self.lot + n) for n in range(self.quantity))


def placed(wanted: Dates, sheets: Sheets, choice: Choice, *, now: datetime) -> Dates:
    """The dates with their spaces: the same on all of them where enough are free on all, otherwise
    any that are free; with those refused on which there are too few."""
    free = _free(wanted, sheets, choice, now)
    enough = [set(numbers) for numbers in free.values() if len(numbers) >= choice.quantity]
    always = [n for n in choice.numbers if all(n in numbers for numbers in enough)]
    return tuple(_placed(each, free.get(each.nth), always, choice) for each in wanted)


def _free(
    wanted: Dates, sheets: Sheets, choice: Choice, now: datetime
) -> Mapping[int, tuple[str, ...]]:
    """Which spaces are free on each date that can be had."""
    free = {}
    for each in wanted:
        if each.interval is not None and each.refusal is None:
            that_day = sheets_on(
                sheets, each.interval, choice.paging, now=now, lookback=choice.lookback
            )
            free[each.nth] = occupancy.free(choice.numbers, that_day, each.interval, now=now)
    return free


def _placed(
    wanted: Date, free: Sequence[str] | None, always: Sequence[str], choice: Choice
) -> Date:
    if free is None:
        return wanted
    if len(free) < choice.quantity:
        return wanted.refused(choice.full)
    return replace(wanted, numbers=choice.of(always if len(always) >= choice.quantity else free))
