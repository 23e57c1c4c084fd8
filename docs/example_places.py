"""The sites and zones, the people and the times that the examples of mails are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.pricing.band import DEFAULT_BANDS
from chalicelib.domain.pricing.tariff import Tariff, Tax
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone, default_policy

GARAGE = Site(
    slug="central",
    name="Central Garage",
    timezone="Asia/Kolkata",
    currency="INR",
    contact="desk@central.example",
    address="12 MG Road\nBengaluru 560001",
)
BAYS = Zone(
    zone_id="zone-a",
    site="central",
    name="Zone A",
    kind="parking",
    policy=Policy(auto_checkout_after=None),
    tariff=Tariff(
        "hourly",
        "INR",
        5000,
        booking_fee=5000,
        bands=DEFAULT_BANDS,
        tax=Tax(1800, parts=(("CGST", 5000), ("SGST", 5000))),
    ),
)
TIMED_BAYS = replace(
    BAYS,
    zone_id="zone-b",
    name="Zone B",
    policy=Policy(auto_checkout_after=60),
    tariff=Tariff("hourly", "INR", 7500, booking_fee=5000),
)
HOTEL = Site(
    slug="killarney",
    name="Killarney House",
    timezone="Europe/Dublin",
    currency="EUR",
    contact="+353 64 555 0100",
    colour="#14213d",
    address="Muckross Road\nKillarney",
)
COURTYARD = Zone(
    zone_id="courtyard",
    site="killarney",
    name="Courtyard",
    kind="parking",
    policy=Policy(auto_checkout_after=None),
    tariff=Tariff("hourly", "EUR", 250),
)
ROOMS = Zone(
    zone_id="rooms",
    site="killarney",
    name="Rooms",
    kind="room",
    policy=default_policy("room"),
    tariff=Tariff("nightly", "EUR", 12000, late_fee=2500),
)
TOWN_HALL = Site(
    slug="hall",
    name="Town Hall",
    timezone="Asia/Kolkata",
    currency="INR",
    contact="desk@hall.example",
    colour="#ffc72c",
    address="3 Park Street\nKolkata 700016",
)
HALLS = Zone(
    zone_id="halls",
    site="hall",
    name="Halls",
    kind="venue",
    policy=default_policy("venue"),
    tariff=Tariff("hourly", "INR", 0),
)
ASHA = Actor("US7Q2M9X4T", Role.USER)
ATTENDANT = Actor("USSTAFF001", Role.STAFF, frozenset({"central"}))
GROUP = "GR7Q2M9X4T1NG1QR00020"
EVENING = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)
REHEARSAL = Interval(EVENING + timedelta(days=7), EVENING + timedelta(days=7, hours=3))
CLOCKS_BACK = datetime(2026, 10, 24, 23, 15, tzinfo=UTC)
