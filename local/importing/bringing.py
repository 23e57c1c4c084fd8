"""Writes the rows that were checked, kind by kind, some at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.api.web import parse
from chalicelib.domain.core import localtime
from chalicelib.domain.sites.site import Space
from chalicelib.services.core.deps import Deps
from chalicelib.services.imports import accounts, bookings, entries, places
from chalicelib.services.imports.accounts import OldAccount
from chalicelib.services.unit_of_work import UnitOfWork
from local.importing.people import People
from local.importing.places import Places
from local.importing.resolving import Resolver, require_written
from local.importing.rows import CustomerRow, SpaceRow, ZoneRow
from local.importing.staging import StagedRow, Staging

Show = Callable[[str, int], None]

WRITTEN: Final = ("zones", "spaces", "customers", "bookings", "waitlist")
"""The kinds of rows that become records, in the order in which they need each other."""


def quietly(deps: Deps) -> Deps:
    """The same without the events and the mails that follow from a step: what was booked elsewhere
    is no news."""
    assert isinstance(deps.commit, UnitOfWork)
    return replace(deps, commit=deps.commit.deps.commit)


@dataclass(frozen=True)
class Bringing:
    """Brings the staged rows over. With `mails` customers get their confirmations and links."""

    deps: Deps
    staging: Staging
    places: Places
    people: People
    resolver: Resolver
    show: Show
    mails: bool = False

    def run(self) -> dict[str, int]:
        """How many records of each kind were written."""
        steps = (self._zones, self._spaces, self._customers, self._bookings, self._entries)
        return {kind: self._each(kind, step) for kind, step in zip(WRITTEN, steps, strict=True)}

    def _each(self, kind: str, step: Callable[[list[StagedRow]], int]) -> int:
        made = seen = 0
        for chunk in self._chunks(kind):
            made += step(chunk)
            seen += len(chunk)
            self.show(kind, seen)
        self.places.forget()
        return made

    def _chunks(self, kind: str) -> Iterator[list[StagedRow]]:
        if kind == "bookings":
            return self.staging.chunks_by_space(kind)
        return self.staging.chunks(kind)

    def _zones(self, chunk: list[StagedRow]) -> int:
        made = 0
        for row in chunk:
            zone = self.places.new_zone(parse.read(ZoneRow, row.values, texts=True))
            made += places.bring_zone(self.deps, self.resolver.old_id(row), zone)
        return made

    def _spaces(self, chunk: list[StagedRow]) -> int:
        spaces = [(self.resolver.old_id(row), self._space(row)) for row in chunk]
        return places.bring_spaces(self.deps, spaces)

    def _space(self, row: StagedRow) -> Space:
        space = parse.read(SpaceRow, row.values, texts=True)
        zone = self.places.zone(space.zone)
        return Space(zone.zone_id, space.number, space.active, space.note)

    def _customers(self, chunk: list[StagedRow]) -> int:
        olds = [self._customer(row) for row in chunk]
        return accounts.bring_over(self.deps, olds, mails=self.mails)

    def _customer(self, row: StagedRow) -> OldAccount:
        customer, now = parse.read(CustomerRow, row.values, texts=True), self.deps.now()
        created = customer.created_at
        if created is not None and created.tzinfo is None:
            created = localtime.resolve(created, localtime.zone("UTC"))
        return OldAccount(
            old=self.resolver.old_id(row),
            email=customer.email,
            name=customer.name,
            created_at=min(created or now, now),
            phone=customer.phone,
            username=customer.username,
            role=customer.role,
            sites=frozenset((customer.sites or "").split()),
            active=customer.active,
            verified=customer.verified,
            password=customer.password,
        )

    def _bookings(self, chunk: list[StagedRow]) -> int:
        known = self.people.accounts(row.values.get("customer") for row in chunk)
        known = dict(require_written(known))
        olds = (self.resolver.booking(row, known) for row in chunk)
        return bookings.bring_over(self.deps, olds, mails=self.mails)

    def _entries(self, chunk: list[StagedRow]) -> int:
        known = self.people.accounts(row.values.get("customer") for row in chunk)
        known = dict(require_written(known))
        olds = (self.resolver.entry(row, known) for row in chunk)
        return entries.bring_over(self.deps, (old for old in olds if old is not None))
