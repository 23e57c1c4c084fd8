"""The dates of a group (`group.py`): whether the zone allows them, and which spaces are free on
them. A date that cannot be booked carries its refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings import admission, allowance, recurrence
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.sites.site import Site, Zone


@dataclass(frozen=True)
class Date:
    """The `nth` date of a group (from 0), the local date `on`: its interval and its spaces, or the
    refusal."""

    nth: int
    on: date
    interval: Interval | None = None
    numbers: tuple[str, ...] = ()
    refusal: errors.Refusal | None = None

    @property
    def is_missing(self) -> bool:
        """Whether its month lacks it: then it is skipped in any case."""
        return isinstance(self.refusal, errors.NoSuchDate)

    def refused(self, refusal: errors.Refusal) -> Self:
        return replace(self, numbers=(), refusal=refusal)

    @property
    def as_json(self) -> dict[str, Any]:
        """The refusal, for the answer of the API; for want of space with the time in the way, once
        that is known."""
        assert self.refusal is not None
        code, message = self.refusal.code, self.refusal.wording
        known = {k: v for k, v in self.refusal.facts.items() if k == "taken"}
        return {"date": self.on.isoformat(), "code": code, "message": message, **known}


Dates = tuple[Date, ...]


def of(first: Interval, repeat: Repeat | None, tz: ZoneInfo) -> Dates:
    """The dates of `first` and its repetitions. A date is refused where its month lacks it, and
    where a clock change skips one of its local times or shows it twice. Raises Invalid."""
    if repeat is None:
        return (Date(0, localtime.local_date(first.start, tz), first),)
    days = recurrence.dates(first, repeat, tz)
    return tuple(_date(first, repeat, nth, on, tz) for nth, on in enumerate(days))


def _date(first: Interval, repeat: Repeat, nth: int, on: date, tz: ZoneInfo) -> Date:
    try:
        recurrence.require_day(first, repeat, on, tz)
        return Date(nth, on, recurrence.on(first, on, tz))
    except errors.Conflict as refusal:
        return Date(nth, on, refusal=refusal)


def admitted(dates: Dates, *, site: Site, zone: Zone, now: datetime) -> Dates:
    """The dates, refused where the zone does not allow them. Raises ZoneClosed, and Invalid for a
    fault of the first date, which all dates share."""
    return tuple(_admitted(each, site, zone, now) for each in dates)


def _admitted(date: Date, site: Site, zone: Zone, now: datetime) -> Date:
    if date.interval is None:
        return date
    try:
        admission.check(date.interval, site=site, zone=zone, now=now)
    except errors.ZoneClosed:
        raise
    except errors.Conflict as refusal:
        return date.refused(refusal)
    except errors.Invalid as fault:
        if date.nth == 0:
            raise
        return date.refused(_of_that_date(fault))
    return date


def _of_that_date(fault: errors.Invalid) -> errors.Refusal:
    """The refusal of a later date that the zone does not allow: too far ahead, or longer or shorter
    than the first because of a clock change."""
    if "start" in fault.fields:
        return errors.TooFarAhead(say("start_fault", fault=fault.fields["start"]))
    message = say("clocks_change_length", fault=fault.fields["minutes"])
    return errors.Invalid(fault.fields, message)


def within(dates: Dates, left: int, *, quantity: int) -> Dates:
    """The dates, refused beyond the bookings that a quota has `left`."""
    allowed: list[Date] = []
    for each in dates:
        if each.refusal is None:
            left -= quantity
        over = each.refusal is None and left < 0
        allowed.append(each.refused(errors.QuotaReached()) if over else each)
    return tuple(allowed)


def within_allowances(
    dates: Dates,
    steps: Callable[[Interval], Iterable[Tally]],
    taken: Mapping[str, int],
    *,
    quantity: int,
) -> Dates:
    """The dates, refused where `quantity` bookings of their interval exceed an allowance. `steps`
    gives those that count one booking, `taken` is how far their tallies have come."""
    so_far = dict(taken)
    return tuple(_counted(each, steps, so_far, quantity) for each in dates)


def _counted(
    date: Date, steps: Callable[[Interval], Iterable[Tally]], taken: dict[str, int], quantity: int
) -> Date:
    if date.interval is None or date.refusal is not None:
        return date
    wanted = [replace(step, by=step.by * quantity) for step in steps(date.interval)]
    for step in wanted:
        if step.limit is not None and taken[step.name] + step.by > step.limit:
            return date.refused(allowance.refusal(step))
    for step in wanted:
        taken[step.name] += step.by
    return date


def _on(interval: Interval, inventory: Inventory, lookback: timedelta) -> Inventory:
    """The part of an inventory that decides which spaces are free for `interval`."""
    now, paging = inventory.now, inventory.paging
    first, last = occupancy.window(interval, paging, now=now, lookback=lookback)
    that_day = [sheet for sheet in inventory.sheets if first <= sheet.day <= last]
    return replace(inventory, sheets=that_day)


@dataclass(frozen=True)
class Choice:
    """How to choose spaces: `quantity` of `numbers`, from the random number `lot` on; `full` is the
    refusal where too few are free. Overstays of the zone last at most `lookback`. What has named
    no space is `provisional`."""

    numbers: tuple[str, ...]
    quantity: int
    lot: int
    full: errors.Conflict
    lookback: timedelta
    provisional: bool

    def of(self, free: Sequence[str]) -> tuple[str, ...]:
        """`quantity` of the `free` spaces, one after the other from the lot on."""
        return tuple(occupancy.choose(free, self.lot + n) for n in range(self.quantity))


def placed(dates: Dates, inventory: Inventory, choice: Choice) -> Dates:
    """The dates with their spaces: the same spaces on all dates where enough are free on all of
    them, otherwise any free spaces. A date with too few free spaces is refused."""
    free = _free(dates, inventory, choice)
    enough = [set(numbers) for numbers in free.values() if len(numbers) >= choice.quantity]
    always = [n for n in choice.numbers if all(n in numbers for numbers in enough)]
    return tuple(_placed(each, free.get(each.nth), always, choice) for each in dates)


def _free(dates: Dates, inventory: Inventory, choice: Choice) -> Mapping[int, tuple[str, ...]]:
    """The free spaces on each date that is not refused, by its place in the group."""
    return {
        each.nth: _on(each.interval, inventory, choice.lookback).free(each.interval, choice.numbers)
        for each in dates
        if each.interval is not None and each.refusal is None
    }


def _placed(date: Date, free: Sequence[str] | None, always: Sequence[str], choice: Choice) -> Date:
    if free is None:
        return date
    if len(free) < choice.quantity:
        return date.refused(choice.full)
    return replace(date, numbers=choice.of(always if len(always) >= choice.quantity else free))


def by_moving(
    allowed: Dates, dates: Dates, inventory: Inventory, choice: Choice
) -> tuple[Dates, Inventory]:
    """The `dates`, of which those that were `allowed` and found too few free spaces get spaces that
    others make free by moving. With the inventory in which every date has its spaces."""
    inventory = _with_all(dates, inventory, choice)
    has_spaces = []
    for before, each in zip(allowed, dates, strict=True):
        found = None
        if each.refusal is not None and before.refusal is None and before.interval is not None:
            found = _all_placed(before, before.interval, inventory, choice)
        has_spaces.append(before if found else each)
        inventory = found or inventory
    return tuple(_with_numbers(each, inventory, choice) for each in has_spaces), inventory


def _with_all(dates: Dates, inventory: Inventory, choice: Choice) -> Inventory:
    """The inventory with what the dates have already."""
    for each in dates:
        for holder, number in zip(_holders(each, choice), each.numbers, strict=False):
            assert each.interval is not None
            taken = inventory.placed(
                holder, each.interval, (number,), provisional=choice.provisional
            )
            assert taken is not None, each
            inventory, _ = taken
    return inventory


def _all_placed(
    date: Date, interval: Interval, inventory: Inventory, choice: Choice
) -> Inventory | None:
    for holder in _holders(date, choice):
        taken = inventory.placed(holder, interval, choice.numbers, provisional=choice.provisional)
        if taken is None:
            return None
        inventory, _ = taken
    return inventory


def _with_numbers(date: Date, inventory: Inventory, choice: Choice) -> Date:
    if date.refusal is not None:
        return date
    return replace(date, numbers=tuple(map(inventory.number_of, _holders(date, choice))))


def _holders(date: Date, choice: Choice) -> list[str]:
    """Names for what a date gets, until its bookings have ids."""
    return [f"{date.nth}.{n}" for n in range(choice.quantity)]
