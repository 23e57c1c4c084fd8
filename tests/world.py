"""A small world for tests of services and routes: sites, zones, spaces, people and what they do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.errors import ZoneNotFound
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Space, Zone
from chalicelib.gateways.passwords import Passwords
from chalicelib.services.bookings import bookings, decide
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import check_in, check_out
from tests import builders

SPACES_AT_ONCE: Final = 90
"""A transaction takes a hundred writes."""


PASSWORD: Final = "a quiet harbour 9"
"""Everybody's password."""


@cache
def _hash(passwords: Passwords) -> str:
    return passwords.hash(PASSWORD)


class World:
    """Makes records in the store and does what people do: a car park in Kolkata, two customers,
    staff, an owner, an admin."""

    def __init__(self, deps: Deps) -> None:
        self.deps = deps
        self.site = self.add_site()
        self.zone_a = self.add_zone("zone-a", builders.METERED, spaces=3)
        self.user = self.add_account("user1")
        self.other = self.add_account("user2")
        self.staff = self.add_account("staff1", Role.STAFF, "central")
        self.owner = self.add_account("owner", Role.OWNER, "central")
        self.admin = self.add_account("admin", Role.ADMIN)

    def add_site(self, slug: str = "central", **fields: Any) -> Site:
        site = builders.a_site(slug=slug, **fields)
        self.deps.commit(saving(site))
        return site

    def add_zone(
        self,
        zone_id: str,
        policy: Policy,
        *,
        spaces: int | Sequence[str] = 2,
        site: str = "central",
        tariff: Tariff = builders.HOURLY,
        **fields: Any,
    ) -> Zone:
        """A zone with so many `spaces` from A-001 on, or with those of these numbers."""
        zone = builders.a_zone(
            zone_id=zone_id, site=site, policy=policy, tariff=tariff,
            name=zone_id.replace("-", " ").title(), **fields,
        )  # fmt: skip
        self.deps.commit(saving(zone))
        if isinstance(spaces, int):
            spaces = [f"A-{n:03}" for n in range(1, spaces + 1)]
        for first in range(0, len(spaces), SPACES_AT_ONCE):
            batch = spaces[first : first + SPACES_AT_ONCE]
            self.deps.commit(saving(*(Space(zone_id, number) for number in batch)))
        return zone

    def change_zone(self, zone: Zone, **fields: Any) -> Zone:
        changed = self.deps.catalogue.fresh_zone(zone.zone_id).evolve(**fields)
        self.deps.commit(saving(changed))
        return changed

    def add_account(self, name: str, role: Role = Role.USER, *sites: str) -> Actor:
        account = Account(
            account_id=f"US{self.deps.new_locator()}",
            email=f"{name}@example.com",
            name=name.title(),
            role=role,
            sites=frozenset(sites),
            password=_hash(self.deps.passwords),
            created_at=self.deps.now(),
            username=name,
            verified=True,
        )
        self.deps.commit(saving(account))
        return account.actor()

    def book(self, actor: Actor | None = None, zone: str = "zone-a", **wishes: Any) -> Booking:
        wishes = {"vehicle_number": "KA01AB1234"} | wishes
        return bookings.book(
            self.deps, actor or self.user, Order(zone, **builders.with_details(wishes))
        )

    def book_by_lot(
        self, number: str, zone: str, *, start: datetime, end: datetime, actor: Actor | None = None
    ) -> Booking:
        """A booking that names no space, to which the lot gives `number`."""
        order = Order(zone, start=start, end=end)
        request = decide.request_for(self.deps, actor or self.user, order, source="api")
        change = decide.book(self.deps, request, decide.find_free(self.deps, request), number)
        self.deps.commit(change)
        return change.booking

    def make_known(self, actor: Actor) -> None:
        """The customer has booked at the site before."""
        bookings.cancel(self.deps, actor, self.book(actor).booking_id)

    def book_hall(self, actor: Actor | None = None, **wishes: Any) -> Booking:
        """An hour in the hall, two days from now unless said otherwise."""
        try:
            self.deps.catalogue.zone("halls")
        except ZoneNotFound:
            self.add_zone("halls", builders.VENUE, kind="venue", tariff=builders.FREE)
        start = self.deps.now() + timedelta(days=2)
        return self.book(actor, "halls", **{"start": start, "vehicle_number": None} | wishes)

    def enter(self, booking: Booking, actor: Actor | None = None) -> Booking:
        code = self.deps.tokens.qr(booking)
        return check_in.scan_entry(self.deps, actor or self.staff, code, plate=None)

    def leave(self, booking: Booking, received: str | None = None) -> check_out.Exit:
        code = self.deps.tokens.qr(booking)
        return check_out.scan_exit(self.deps, self.staff, code, tender=builders.cash(received))

    def read(self, booking: Booking) -> Booking:
        """The booking as stored, without settling it."""
        return self.deps.bookings.get(booking.booking_id)

    def token(self, actor: Actor) -> str:
        """An access token of a fresh sign-in."""
        from chalicelib.services.accounts import sign_in

        return sign_in.open_session(self.deps, self.deps.accounts.get(actor.account_id)).access
