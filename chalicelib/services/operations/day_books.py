"""The daily proof of the books of each site; what does not agree waits for a person
(docs/decisions/books.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import ids, localtime
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.operations import day_books as rules
from chalicelib.domain.operations.day_books import DayBooks
from chalicelib.domain.operations.shift import Report
from chalicelib.domain.payments import settlement
from chalicelib.domain.payments.ledger import LedgerEntry
from chalicelib.domain.payments.review import Difference
from chalicelib.domain.season_passes import money
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.domain.sites.site import Site
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import Affected, SweepReport
from chalicelib.services.operations import shifts
from chalicelib.services.payments import review

log = logging.getLogger("berth")

DAY: Final = timedelta(days=1)

AGAIN: Final = settlement.SETTLED_WITHIN
"""After which a day is proved once more: entries may be dated back to a deadline, and captures must
have been settled."""

UNSETTLED: Final = f"not settled within {AGAIN.days} days"

MOST_BEHIND: Final = 7
"""Days of a site that are proved later, where the sweep has not run for a while."""

FARTHEST: Final = 400
"""Days back to which the entries of a booking are read. One that was made before is not proved."""

LONGEST_SHIFT: Final = 7 * DAY
"""The shifts of a day are looked for among those opened so long before it."""

CLOSED_FOR: Final = 30 * DAY
"""A site that has been closed for so long is not proved any more."""

PAGE: Final = 100
TRIES: Final = 3


def sweep(deps: Deps, *, dry_run: bool, out_of_time: Callable[[], bool]) -> SweepReport:
    """Prove the days of each site that are over and not proved yet. With `dry_run` only name
    them. A day that fails is tried again at the next run, and those after it."""
    report = SweepReport()
    for site in _sites(deps):
        for on in _due(deps, site):
            if out_of_time():
                report.more = True
                return report
            report.due += 1
            if dry_run:
                _show(site, on, report)
            elif not _proved(deps, site, on, report):
                break
    return report


def prove(
    deps: Deps, site: Site, day: Interval, entries: Iterable[LedgerEntry]
) -> tuple[Difference, ...]:
    """What does not agree in the books of a site on a day with those entries. Cost: see
    docs/costs.md."""
    every = _bookings(deps, site, day, entries)
    farthest = deps.now() - FARTHEST * DAY
    bookings = {key: each for key, each in every.items() if each.created_at >= farthest}
    own = _entries_of(deps, site.slug, {key: b.created_at.date() for key, b in bookings.items()})
    others = (entry for entry in entries if entry.booking_id not in every)
    found = rules.faults_of_site(
        site.slug, bookings.values(), (*own, *others), _drawers(deps, site, day)
    )
    held = (each for each in found if _holds(deps, each, bookings))
    return (*held, *_of_passes(deps, site, entries))


def _sites(deps: Deps) -> Iterator[Site]:
    after: str | None = None
    while True:
        page = deps.catalogue.sites(limit=PAGE, after=after)
        yield from page.records
        after = page.after
        if after is None:
            return


def _due(deps: Deps, site: Site) -> Iterator[date]:
    """The local days of a site to prove, the oldest first: one query."""
    now = deps.now()
    if site.closed_at is not None and site.closed_at < now - CLOSED_FOR:
        return
    yesterday = localtime.local_date(now, site.tz) - DAY
    last = deps.day_books.last(site.slug)
    oldest = yesterday - (MOST_BEHIND - 1) * DAY
    on = yesterday if last is None else max(last.on + DAY, oldest)
    while on <= yesterday:
        yield on
        on += DAY


def _proved(deps: Deps, site: Site, on: date, report: SweepReport) -> bool:
    try:
        _prove_and_keep(deps, site, on)
    except Exception:
        log.exception("books not proved", extra={"site": site.slug, "day": on.isoformat()})
        report.failed += 1
        return False
    report.done += 1
    return True


def _prove_and_keep(deps: Deps, site: Site, on: date) -> None:
    entries, differences = _differences_kept(deps, site, on)
    earlier, more = _differences_kept(deps, site, on - AGAIN)
    more += _unsettled_kept(deps, site, on - AGAIN, earlier)
    sums, found = rules.sums(entries), differences + more
    deps.commit(saving(DayBooks(site.slug, on, deps.now(), sums, len(entries), found)))


def _differences_kept(deps: Deps, site: Site, on: date) -> tuple[tuple[LedgerEntry, ...], int]:
    """The entries of a local day, and how many differences of it were kept for a person."""
    day = localtime.day(on, site.tz)
    entries = deps.ledger.during(site.slug, day)
    found = prove(deps, site, day, entries)
    for each in found:
        review.difference(deps, site.slug, each, on)
    return entries, len(found)


def _unsettled_kept(deps: Deps, site: Site, on: date, entries: Iterable[LedgerEntry]) -> int:
    """How many captures of a day were kept for a person because no gateway has settled them within
    AGAIN: one batch read for each hundred. None before its rows have been compared."""
    captured = [each for each in entries if each.kind == "captured"]
    compared = captured and deps.settlements.last("razorpay")
    if not compared or compared < on + AGAIN - DAY:
        return 0
    end = localtime.day(on, site.tz).end
    bookings = deps.bookings.many(each.booking_id for each in captured)
    owners = {each.booking_id: each for each in bookings} | {
        each.pass_id: each for each in _passes(deps, captured)
    }
    names = {
        name: key
        for key, owner in owners.items()
        for name in settlement.captures(owner.payments, end)
    }
    settled = deps.settlements.known(names)
    missing = [each for each in names.items() if each[0][1] not in settled]
    for (gateway, attempt_id), key in missing:
        found = Difference(attempt_id, UNSETTLED, key, gateway, owners[key].created_at)
        review.difference(deps, site.slug, found, on)
    return len(missing)


def _bookings(
    deps: Deps, site: Site, day: Interval, entries: Iterable[LedgerEntry]
) -> Mapping[str, Booking]:
    """The bookings whose money moved on a day, and those whose booked time began on it."""
    found = {each.booking_id: each for each in deps.bookings.many(e.booking_id for e in entries)}
    after: str | None = None
    while True:
        page = deps.bookings.at_site(
            site.slug, since=day.start, until=day.end, limit=PAGE, after=after
        )
        found |= {each.booking_id: each for each in page.records}
        after = page.after
        if after is None:
            return found


def _entries_of(deps: Deps, site: str, made: Mapping[str, date]) -> Iterator[LedgerEntry]:
    """All entries of bookings and season passes, by the day each was made: one query for each UTC
    day since the oldest."""
    day, today = min(made.values(), default=deps.now().date()), deps.now().date()
    while made and day <= today:
        yield from (e for e in deps.ledger.of_day(site, day) if e.booking_id in made)
        day += DAY


def _holds(deps: Deps, found: Difference, bookings: Mapping[str, Booking]) -> bool:
    """Whether a difference of a booking is still there when it stands still: a step may have come
    between the read of its entries and its own."""
    if found.booking_id is None or found.booking_id not in bookings:
        return True
    for _ in range(TRIES):
        before = deps.bookings.get(found.booking_id)
        own = tuple(_entries_of(deps, before.site, {before.booking_id: before.created_at.date()}))
        if deps.bookings.get(found.booking_id).version == before.version:
            is_of_booking = found.subject == before.booking_id
            return not is_of_booking or found.reason in books.faults_of(before, own)
    return False


def _passes(deps: Deps, entries: Iterable[LedgerEntry]) -> Iterator[SeasonPass]:
    """The season passes that entries belong to: one read each."""
    for pass_id in sorted({each.booking_id for each in entries}):
        if ids.season_pass_key(pass_id) is not None:
            yield deps.season_passes.get(pass_id)


def _of_passes(deps: Deps, site: Site, entries: Iterable[LedgerEntry]) -> Iterator[Difference]:
    """What does not agree with the season passes whose money moved: each is read before and after
    its entries, and counts if it stood still."""
    for found in _passes(deps, entries):
        if found.created_at < deps.now() - FARTHEST * DAY:
            continue
        for _ in range(TRIES):
            own = tuple(_entries_of(deps, site.slug, {found.pass_id: found.created_at.date()}))
            again = deps.season_passes.get(found.pass_id)
            if again.version == found.version:
                for reason in money.faults_of(found, own):
                    yield Difference(found.pass_id, reason, found.pass_id, at=found.created_at)
                break
            found = again


def _drawers(deps: Deps, site: Site, day: Interval) -> Iterator[Report]:
    """The reports of the shifts that were closed on a day."""
    after: str | None = None
    while True:
        page = deps.shifts.of_site(site.slug, limit=PAGE, after=after)
        for each in page.records:
            if each.opened_at < day.start - LONGEST_SHIFT:
                return
            if each.closed_at is not None and day.start <= each.closed_at < day.end:
                yield shifts.report_of(deps, each)
        after = page.after
        if after is None:
            return


def _show(site: Site, on: date, report: SweepReport) -> None:
    report.show(
        Affected(
            step="prove-books",
            subject=f"{site.slug}/{on.isoformat()}",
            booking_id=None,
            start=None,
            since=localtime.iso(localtime.day(on, site.tz).end),
        )
    )
