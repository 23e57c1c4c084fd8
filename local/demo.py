"""The demo data of docs/local.md, Demo data: three sites and the people around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.domain.accounts.account import DEMO_PASSWORD, Account
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import Record, saving
from chalicelib.domain.core.localtime import WEEKDAYS
from chalicelib.domain.pricing.tariff import DEFAULT_BOOKING_FEE, Tariff
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Space, Zone, ZoneKind, default_policy
from chalicelib.services.core.deps import Deps

PASSWORD = DEMO_PASSWORD

_ALWAYS = OpeningHours.from_json({day: ["00:00-24:00"] for day in WEEKDAYS})
"""Bookings can be tried at any hour."""

SITES = (
    Site(
        "central",
        "Central Car Park",
        "Asia/Kolkata",
        "INR",
        opening_hours=_ALWAYS,
        contact="+91 80 5550 0100, central@example.com",
        address="1 Station Road, Bengaluru 560001",
        latitude="12.9780",
        longitude="77.5713",
        amenities=("Covered", "Security", "Lift"),
    ),
    Site(
        "hall",
        "Town Hall",
        "Asia/Kolkata",
        "INR",
        opening_hours=_ALWAYS,
        contact="+91 80 5550 0120, hall@example.com",
        address="2 Museum Road, Bengaluru 560001",
        latitude="12.9738",
        longitude="77.6038",
        amenities=("Stage", "Kitchen", "Step-free access"),
        realtime=True,
    ),
    Site(
        "hotel-killarney",
        "Hotel Killarney",
        "Europe/Dublin",
        "EUR",
        opening_hours=_ALWAYS,
        contact="+353 64 555 0100, desk@example.com",
        address="3 Muckross Road, Killarney, Co. Kerry",
        latitude="52.0530",
        longitude="-9.5080",
        amenities=("Breakfast", "Parking", "Wi-Fi"),
        realtime=True,
    ),
)


@dataclass(frozen=True)
class Person:
    """A demo account, with the password PASSWORD."""

    username: str
    role: Role
    sites: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"

    @property
    def description(self) -> str:
        """Role and sites, such as `staff of central`."""
        return f"{self.role} of {', '.join(self.sites)}" if self.sites else str(self.role)


ACCOUNTS = (
    Person("admin", Role.ADMIN),
    Person("superadmin", Role.ADMIN),
    Person("owner", Role.OWNER, tuple(site.slug for site in SITES)),
    Person("staff1", Role.STAFF, ("central",)),
    Person("staff2", Role.STAFF, ("hotel-killarney",)),
    Person("staff3", Role.STAFF, ("hall",)),
    *(Person(f"user{number}", Role.USER) for number in range(1, 6)),
)

_METERED = replace(default_policy("parking"), auto_checkout_after=None)
_TIMED = replace(default_policy("parking"), check_in="none")
_FREE = Tariff("hourly", "INR", 0)


def load(deps: Deps) -> None:
    """Load the demo data that is missing: one transaction for the places, one for
    the people."""
    _load(deps, list(_places()))
    _load(deps, list(_people(deps)))


def _load(deps: Deps, records: list[Record]) -> None:
    try:
        deps.commit(saving(*records))
    except (errors.AlreadyExists, errors.EmailTaken):
        return


def _places() -> Iterator[Record]:
    yield from SITES
    yield from _zone("zone-a", "central", "Zone A", _numbered("A", 10), _parking(5000), _METERED)
    yield from _zone("zone-b", "central", "Zone B", _numbered("B", 8), _parking(7500))
    yield from _zone("zone-t", "central", "Zone T", _numbered("T", 5), _FREE, _TIMED)
    yield from _zone("halls", "hall", "Halls", ("aula", "studio"), _FREE, kind="venue")
    rooms = tuple(str(number) for number in range(101, 111))
    nightly = Tariff("nightly", "EUR", 12000)
    yield from _zone("rooms", "hotel-killarney", "Rooms", rooms, nightly, kind="room")


def _zone(
    zone_id: str,
    site: str,
    name: str,
    numbers: tuple[str, ...],
    tariff: Tariff,
    policy: Policy | None = None,
    kind: ZoneKind = "parking",
) -> Iterator[Record]:
    yield Zone(zone_id, site, name, kind, policy or default_policy(kind), tariff)
    for number in numbers:
        yield Space(zone_id, number)


def _parking(rate: int) -> Tariff:
    return Tariff("hourly", "INR", rate, booking_fee=DEFAULT_BOOKING_FEE)


def _numbered(letter: str, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}-{number:03}" for number in range(1, count + 1))


def _people(deps: Deps) -> Iterator[Account]:
    hashed = deps.passwords.hash(PASSWORD)
    for person in ACCOUNTS:
        yield Account(
            account_id=f"US{deps.new_locator()}",
            email=person.email,
            name=person.username.capitalize(),
            password=hashed,
            created_at=deps.now(),
            username=person.username,
            role=person.role,
            sites=frozenset(person.sites),
            verified=True,
        )
