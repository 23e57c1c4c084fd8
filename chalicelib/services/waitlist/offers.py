"""The end of offers and entries: by deadline, or where the mail of an offer bounces
(docs/rules/waitlist.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering

MOST_SETTLED: Final = 25
"""Overdue entries settled before a refusal; the sweep settles the others."""

PAGE: Final = 100
"""Entries of a customer read together."""

BACK: Final = timedelta(days=2)
"""Entries of earlier days have ended, or a sweep ends them."""


def settled(deps: Deps, entry: Entry) -> Entry:
    """`entry` with its deadline applied: where it has passed, the entry expired at that instant and
    its held time is offered to the next. Raises StaleVersion where another call settles it."""
    if entry.deadline is None or not entry.deadline.is_due(deps.now()):
        return entry
    change = entry.expire(at=entry.deadline.at)
    give_up(deps, change)
    return _of(change)


def read(deps: Deps, entry_id: str) -> Entry:
    """The settled entry of that id: one read while nothing is due. Raises EntryNotFound."""
    return deps.retry_on_conflict(lambda: settled(deps, deps.waitlist.get(entry_id)))


def each(deps: Deps, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries, settled; one that changed meanwhile is read again."""
    return tuple(_settled_or_reread(deps, entry) for entry in entries)


def any_lapsed(deps: Deps, sheets: Sheets) -> bool:
    """Settle the lapsed offers that `sheets` still list. True if there were any."""
    holds = occupancy.lapsed(sheets, now=deps.now())
    entries = deps.waitlist.many(holds[:MOST_SETTLED])
    return any(not entry.is_live for entry in each(deps, entries))


def any_over(deps: Deps, user_id: str) -> bool:
    """Expire the overdue entries of a customer. True if there were any."""
    return any(not entry.is_live for entry in each(deps, unended(deps, user_id)))


def unended(deps: Deps, user_id: str) -> tuple[Entry, ...]:
    """The entries of a customer that have not ended, as stored: one query and a batch read for each
    hundred, however many have ended. With one from before `Waitlist.unended` one query for each
    `PAGE` entries ever made."""
    since = (deps.now() - BACK).date().isoformat()
    found = deps.waitlist.unended(user_id, since=since)
    if found is None:
        found = tuple(_every(deps, user_id))
    return tuple(entry for entry in found if entry.is_live)


def _every(deps: Deps, user_id: str) -> Iterator[Entry]:
    after: str | None = None
    while True:
        page = deps.waitlist.of_owner(user_id, limit=PAGE, after=after)
        yield from page.records
        after = page.after
        if after is None:
            return


def give_up(deps: Deps, change: Change) -> None:
    """Commit the end of an entry, with the offers of the time it held."""
    if any(edit.frees for edit in change.sheets):
        change = offering.offer_freed(deps, change)
    deps.commit(change)


def mail_failed(deps: Deps, entry_id: str, why: str) -> None:
    """Expire an offer whose mail bounced, and offer its time to the next."""

    def once() -> None:
        try:
            entry = settled(deps, deps.waitlist.get(entry_id))
        except errors.EntryNotFound:
            return
        if entry.status is EntryStatus.OFFERED:
            give_up(deps, entry.expire(at=deps.now(), reason=why))

    deps.retry_on_conflict(once)


def _settled_or_reread(deps: Deps, entry: Entry) -> Entry:
    try:
        return settled(deps, entry)
    except errors.StaleVersion:
        return read(deps, entry.entry_id)


def _of(change: Change) -> Entry:
    entry = change.saves[0]
    assert isinstance(entry, Entry)
    return entry
