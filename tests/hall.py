"""A hall in tests, and the line of customers who wait for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import NO_DETAILS
from chalicelib.domain.core.access import Actor
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.bookings import bookings
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests import builders
from tests.clock import NOON, Clock
from tests.world import World

HOUR = timedelta(hours=1)
START = NOON + 48 * HOUR


class Hall:
    """The spaces of one zone of halls and what customers do there; `third` and `fourth` are two
    more customers."""

    def __init__(
        self, world: World, clock: Clock, spaces: int = 1, zone_id: str = "halls", **policy: Any
    ) -> None:
        self.world, self.deps, self.clock, self.zone_id = world, world.deps, clock, zone_id
        rules: dict[str, Any] = {"check_in": "none", "free_cancel_window": 0} | policy
        world.add_zone(zone_id, Policy(**rules), kind="venue", tariff=builders.FREE, spaces=spaces)
        self.third = world.add_account(f"third-{zone_id}")
        self.fourth = world.add_account(f"fourth-{zone_id}")

    def book(
        self, first: float = 0, last: float = 1, actor: Actor | None = None, number: str = "A-001"
    ) -> Booking:
        return self.world.book(
            actor, self.zone_id, number=number, start=START + first * HOUR, end=START + last * HOUR
        )

    def join(
        self, actor: Actor, first: float = 0, last: float = 1, number: str | None = None
    ) -> Entry:
        wanted = WaitlistRequest(self.zone_id, number, START + first * HOUR, START + last * HOUR)
        return entries.join(self.deps, actor, wanted)

    def join_for(self, actor: Actor, priority: int, first: float = 0, last: float = 1) -> Entry:
        """Staff put a customer in line who has been here before."""
        self.world.make_known(actor)
        wanted = WaitlistRequest(
            self.zone_id, None, START + first * HOUR, START + last * HOUR,
            priority=priority, user_id=actor.account_id, reason="regular",
        )  # fmt: skip
        return entries.join(self.deps, self.world.staff, wanted)

    def cancel(self, booking: Booking, actor: Actor | None = None) -> None:
        bookings.cancel(self.deps, actor or self.world.user, booking.booking_id)

    def claim(self, entry: Entry, actor: Actor) -> Booking:
        return entries.claim(self.deps, actor, entry.entry_id, NO_DETAILS)

    def leave(self, entry: Entry, actor: Actor) -> Entry:
        return entries.leave(self.deps, actor, entry.entry_id)

    def status(self, *entries: Entry) -> list[EntryStatus]:
        """Where entries stand in the store, without settling them."""
        return [self.deps.waitlist.get(entry.entry_id).status for entry in entries]
