"""Sites, their zones, and the spaces in them (docs/concepts.md)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Self
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.contact import mailbox_in
from chalicelib.domain.core.sentence import say
from chalicelib.domain.occupancy.periods import Paging, of_kind
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.season_plan import SeasonPlans
from chalicelib.domain.sites.seller import Seller

ZoneKind = Literal["parking", "venue", "room"]

_PRESENCE: dict[ZoneKind, Policy] = {
    "parking": Policy(),
    "venue": Policy(
        check_in="none",
        free_cancel_window=0,
        min_duration=15,
        confirmation=True,
        auto_checkout_after=None,
    ),
    "room": Policy(
        check_in="staff", default_duration=24 * 60, turnover=True, auto_checkout_after=None
    ),
}


def default_policy(kind: ZoneKind) -> Policy:
    """The policy a new zone of this kind starts with (docs/rules/policy.md)."""
    return _PRESENCE[kind]


@dataclass(frozen=True)
class Site:
    """A place of business. `slug` is its id, `timezone` that of its local times. Its blackouts
    count for all its zones. With `realtime` it publishes events (docs/realtime.md). Since
    `closed_at` it is closed for good (docs/rules/closing.md), like zones and spaces; until that is
    complete, `reopens_as` is whether it is active where the closing is undone. Its mails and pages
    have its `colour`, its invoices its `seller`. `language` is that of readers whose own is not
    known (docs/decisions/languages.md). It takes no bookings from `inactive_since` on until it is
    `active` again. A site with `season_plans` sells season passes, or has sold some. `before` is
    the version that this one was made from; None for one that is new or was just read. It is not
    part of the record, nor of those of zones and spaces."""

    slug: str
    name: str
    timezone: str
    currency: str
    opening_hours: OpeningHours = field(default_factory=OpeningHours)
    contact: str | None = None
    address: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    amenities: tuple[str, ...] = ()
    active: bool = True
    blackouts: tuple[Blackout, ...] = ()
    realtime: bool = False
    version: int = 1
    closed_at: datetime | None = None
    reopens_as: bool | None = None
    language: str | None = None
    colour: str | None = None
    seller: Seller | None = None
    inactive_since: datetime | None = None
    season_plans: SeasonPlans = ()
    before: Site | None = field(default=None, compare=False, repr=False)

    @property
    def tz(self) -> ZoneInfo:
        return localtime.zone(self.timezone)

    @property
    def desk_mailbox(self) -> str | None:
        """The mail address in its contact, if there is one.

        >>> hotel = Site("h", "Hotel", "Europe/Dublin", "EUR", contact="01 555 0100, desk@h.ie")
        >>> hotel.desk_mailbox, hotel.evolve(contact="01 555 0100").desk_mailbox
        ('desk@h.ie', None)
        """
        return mailbox_in(self.contact)

    def with_blackouts(self, blackouts: tuple[Blackout, ...]) -> Self:
        """The next version with these blackouts and no others."""
        return self.evolve(blackouts=blackouts)

    def evolve(self, **changes: object) -> Self:
        """The next version with `changes`."""
        stored = replace(self, before=None)
        return replace(self, version=self.version + 1, before=stored, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Zone:
    """A group of like spaces of one kind; carries the policy and the tariff."""

    zone_id: str
    site: str
    name: str
    kind: ZoneKind
    policy: Policy
    tariff: Tariff
    active: bool = True
    version: int = 1
    closed_at: datetime | None = None
    reopens_as: bool | None = None
    before: Zone | None = field(default=None, compare=False, repr=False)

    @property
    def paging(self) -> Paging:
        """The paging of its sheets."""
        return of_kind(self.kind)

    @property
    def blackouts(self) -> tuple[Blackout, ...]:
        """The blackouts of the zone itself; those of its site count as well."""
        return self.policy.blackouts

    def with_blackouts(self, blackouts: tuple[Blackout, ...]) -> Self:
        """The next version with these blackouts and no others."""
        return self.evolve(policy=replace(self.policy, blackouts=blackouts))

    def evolve(self, **changes: object) -> Self:
        """The next version with `changes`."""
        stored = replace(self, before=None)
        return replace(self, version=self.version + 1, before=stored, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class ZoneMade:
    """The note that a zone was made at a site, by their ids. Unlike the index of
    zones by site it is read without delay."""

    site: str
    zone_id: str
    version: int = 1


@dataclass(frozen=True)
class Space:
    """The unit that is booked. Its id is `<zone>.<number>`."""

    zone_id: str
    number: str
    active: bool = True
    note: str | None = None
    version: int = 1
    closed_at: datetime | None = None
    reopens_as: bool | None = None
    before: Space | None = field(default=None, compare=False, repr=False)

    @property
    def space_id(self) -> str:
        return f"{self.zone_id}.{self.number}"

    def evolve(self, **changes: object) -> Self:
        """The next version with `changes`."""
        stored = replace(self, before=None)
        return replace(self, version=self.version + 1, before=stored, **changes)  # type: ignore[arg-type]


def zone_and_number(zone_id: str | None, space_id: str | None) -> tuple[str, str | None]:
    """The zone of a request and the number of the space it names, if it names one. Raises Invalid
    unless exactly one of the two ids is given.

    >>> zone_and_number(None, "zone-a.A-001"), zone_and_number("zone-a", None)
    (('zone-a', 'A-001'), ('zone-a', None))
    """
    if space_id is not None and zone_id is None:
        return split_space_id(space_id)
    if zone_id is not None and space_id is None:
        return zone_id, None
    raise errors.Invalid({"zone_id": say("give_zone_or_space")})


def split_space_id(space_id: str) -> tuple[str, str]:
    """The zone and the number in a space id; an id without a dot has an empty number.

    >>> split_space_id("zone-a.A-001")
    ('zone-a', 'A-001')
    """
    zone_id, _, number = space_id.partition(".")
    return zone_id, number
