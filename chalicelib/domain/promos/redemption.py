"""Uses of promo codes: the counters that hold their limits (docs/decisions/promos.md).

A use is counted in the transaction of the booking, each counter below its limit as a condition of
the write. The booking keeps the names of the counters, so it gives back exactly what it took.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.sentence import say
from chalicelib.domain.promos.promo import EVERYWHERE, Promo

PREFIX: Final = "promo."
Redeemed = tuple[tuple[str, str], ...]
"""The counters that count a booking: partition and name of each."""

KEPT: Final = timedelta(days=400)
"""How long a counter outlives its day, week or month: longer than a booking lies ahead."""


def uses(promo: Promo, site: str, day: date, locator: str | None) -> Iterator[Tally]:
    """The steps that count one use at a site on a local date, by the customer with `locator`, or by
    a guest without account."""
    limits, partition = promo.limits, partition_of(promo.site)
    yield Tally(partition, total_name(promo), 1, limits.total)
    if limits.per_person is not None and locator is not None:
        yield Tally(locator, f"{PREFIX}{promo.uid}.person", 1, limits.per_person)
    if limits.per_site is not None:
        yield Tally(partition, f"{PREFIX}{promo.uid}.site.{site}", 1, limits.per_site)
    for period, limit, last in _periods(promo, day):
        expires = datetime.combine(last, time(), UTC) + KEPT
        yield Tally(partition, f"{PREFIX}{promo.uid}.{site}.{period}", 1, limit, expires)


def _periods(promo: Promo, day: date) -> Iterator[tuple[str, int, date]]:
    """The day, the week and the month of a date that have a limit, by name, each with a date that
    ends it or lies after it."""
    limits, (year, week, weekday) = promo.limits, day.isocalendar()
    if limits.per_day is not None:
        yield f"day.{day}", limits.per_day, day
    if limits.per_week is not None:
        yield f"week.{year}-W{week:02}", limits.per_week, day + timedelta(days=7 - weekday)
    if limits.per_month is not None:
        yield f"month.{day:%Y-%m}", limits.per_month, day + timedelta(days=31)


def partition_of(site: str | None) -> str:
    """The partition of the counters of the codes of a site, or of all sites."""
    return f"promos#{site or EVERYWHERE}"


def total_name(promo: Promo) -> str:
    """The name of the counter of all its uses."""
    return f"{PREFIX}{promo.uid}.total"


def kept(steps: Iterable[Tally]) -> Redeemed:
    """What a booking keeps of the steps that count it."""
    return tuple((step.locator, step.name) for step in steps)


def released(redeemed: Redeemed) -> Iterator[Tally]:
    """The steps that give a use back."""
    return (Tally(partition, name, -1) for partition, name in redeemed)


def is_use(tally: Tally) -> bool:
    """Whether the tally counts uses of a code."""
    return tally.name.startswith(PREFIX)


def refusal(tally: Tally) -> errors.PromoUsedUp:
    """The refusal of a use that the tally cannot count within its limit."""
    if tally.name.endswith(".person"):
        return errors.PromoUsedUp(say("promo_used_by_you"))
    if tally.expires is not None:
        return errors.PromoUsedUp(say("promo_used_up_for_now"))
    return errors.PromoUsedUp()
