"""What everybody may see of the catalogue: sites, zones and what is free.

An answer is a frozen dataclass whose fields are ready for JSON: `document.py` publishes it, and
`show.py` uses the parts that bookings share with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from chalicelib.api.bookings.views import DemandPercent
from chalicelib.api.web.values import Currency, Instant, LocalDay, MoneyView, named_schema
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import Doc, Named
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import cancellation_json
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.policy import CheckIn
from chalicelib.domain.sites.site import Site, Zone, ZoneKind
from chalicelib.services.bookings.availability import FreeDay, Vacancy

OpeningHoursView = Annotated[dict[str, list[str]], named_schema("OpeningHours")]
SiteColour = Annotated[
    str | None, Doc("Its colour on mails and pages; null: the usual one.", "#1f6f5c")
]
RatePer = Annotated[Literal["hour", "day", "night", "stay"], Named("RatePer")]

_PER: dict[str, RatePer] = {"hourly": "hour", "daily": "day", "nightly": "night", "flat": "stay"}


@dataclass(frozen=True)
class PublicSiteView:
    """A site as everybody sees it."""

    slug: Annotated[str, Doc("The id of the site.", "central")]
    name: Annotated[str, Doc("The display name.", "Central Car Park")]
    timezone: Annotated[str, Doc("The IANA timezone of its local times.", "Asia/Kolkata")]
    currency: Currency
    opening_hours: OpeningHoursView
    open_now: bool
    contact: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    amenities: Annotated[tuple[str, ...], Doc("What guests find there.", ["Covered"])]
    colour: SiteColour

    @classmethod
    def of(cls, site: Site, now: datetime) -> Self:
        """`site` at the instant `now`."""
        return cls(**place(site), open_now=site.opening_hours.open_at(now, site.tz))


def place(site: Site) -> dict[str, Any]:
    """The fields that every answer about a site has."""
    return {
        "slug": site.slug,
        "name": site.name,
        "timezone": site.timezone,
        "currency": site.currency,
        "opening_hours": site.opening_hours.to_json(),
        "contact": site.contact,
        "address": site.address,
        "latitude": None if site.latitude is None else float(site.latitude),
        "longitude": None if site.longitude is None else float(site.longitude),
        "amenities": site.amenities,
        "colour": site.colour,
    }


@dataclass(frozen=True)
class ZoneNowView:
    """A zone with its prices, and the spaces free now for its
    default duration."""

    zone_id: Annotated[str, Doc("The id of the zone.", "zone-a")]
    name: Annotated[str, Doc("The display name.", "Zone A")]
    site: Annotated[str, Doc("The slug of its site.", "central")]
    site_name: str
    kind: ZoneKind
    currency: Currency
    rate: Annotated[MoneyView, Doc("What a unit that begins now costs.")]
    rate_per: Annotated[RatePer, Doc("What one unit of the rate is.")]
    hourly_rate: Annotated[MoneyView | None, Doc("An hour at that rate; null unless by time.")]
    free_minutes: Annotated[int, Doc("The first minutes of a stay, which cost nothing.", 0)]
    day_cap: Annotated[MoneyView | None, Doc("The most that the hours of a calendar day cost.")]
    booking_fee: Annotated[MoneyView, Doc("Credited to the bill.")]
    no_show_fee: Annotated[MoneyView, Doc("Due for a booking that is neither used nor cancelled.")]
    deposit: Annotated[MoneyView, Doc("Taken beside the fee; it comes back after the stay.")]
    cancellation: Annotated[dict[str, Any] | None, named_schema("Cancellation")]
    demand_percent: DemandPercent
    total_slots: Annotated[int, Doc("Spaces in use.", 10)]
    available_slots: Annotated[int, Doc("Spaces that can be had now.", 7)]
    occupied_slots: Annotated[int, Doc("Spaces that cannot.", 3)]
    default_duration: Annotated[int, Doc("Minutes, where a booking names no end.", 60)]
    check_in: CheckIn
    opening_hours: OpeningHoursView
    open_now: bool
    contact: Annotated[str | None, Doc("How to reach its site.", "+91 80 5550 0100")]
    address: str | None
    latitude: float | None
    longitude: float | None
    amenities: Annotated[tuple[str, ...], Doc("What guests find at its site.", ["Covered"])]

    @classmethod
    def of(cls, vacancy: Vacancy) -> Self:
        """A zone at the start of the interval that `vacancy` is about."""
        zone, site, now = vacancy.zone, vacancy.site, vacancy.interval.start
        hours = zone.policy.opening_hours or site.opening_hours
        tariff = zone.tariff
        rate, by_hour = tariff.rate_at(now, site.tz), tariff.hourly_rate_at(now, site.tz)
        return cls(
            zone_id=zone.zone_id,
            name=zone.name,
            site=site.slug,
            site_name=site.name,
            kind=zone.kind,
            currency=tariff.currency,
            rate=MoneyView.of(rate),
            rate_per=_PER[tariff.kind],
            hourly_rate=None if by_hour is None else MoneyView.of(by_hour),
            free_minutes=tariff.free_minutes,
            day_cap=None if tariff.day_cap is None else _money(tariff, tariff.day_cap),
            booking_fee=_money(tariff, tariff.booking_fee),
            no_show_fee=_money(tariff, tariff.no_show_fee),
            deposit=_money(tariff, tariff.deposit),
            cancellation=cancellation_json.show(tariff.cancellation, tariff.currency),
            demand_percent=vacancy.demand_percent,
            total_slots=vacancy.total,
            available_slots=len(vacancy.free),
            occupied_slots=vacancy.total - len(vacancy.free),
            default_duration=zone.policy.default_duration,
            check_in=zone.policy.check_in,
            opening_hours=hours.to_json(),
            open_now=hours.open_at(now, site.tz),
            **{name: place(site)[name] for name in _OF_SITE},
        )


_OF_SITE = ("contact", "address", "latitude", "longitude", "amenities")


def _money(tariff: Tariff, minor: int) -> MoneyView:
    return MoneyView.of(Money(minor, tariff.currency))


@dataclass(frozen=True)
class SiteNowView(PublicSiteView):
    """A site with its zones and what is free in them now."""

    zones: tuple[ZoneNowView, ...]


@dataclass(frozen=True)
class SpaceRefView:
    """Which space: its id, and the number painted on it."""

    space_id: Annotated[str, Doc("Names the space everywhere.", "zone-a.A-001")]
    slot_number: Annotated[str, Doc("Its number within the zone.", "A-001")]

    @classmethod
    def of(cls, zone: Zone, number: str) -> Self:
        return cls(f"{zone.zone_id}.{number}", number)


@dataclass(frozen=True)
class ClosedView:
    """A time in which nothing may be booked, and why."""

    start: Instant
    end: Instant
    reason: str

    @classmethod
    def of(cls, blackout: Blackout) -> Self:
        return cls(localtime.iso(blackout.start), localtime.iso(blackout.end), blackout.reason)


@dataclass(frozen=True)
class TimeSpan:
    """From one instant up to, but not at, another."""

    start: Instant
    end: Instant

    @classmethod
    def of(cls, interval: Interval) -> Self:
        return cls(localtime.iso(interval.start), localtime.iso(interval.end))


@dataclass(frozen=True)
class FreeTimesView:
    """A space and when it is free, in order."""

    space_id: str
    slot_number: str
    free: tuple[TimeSpan, ...]


@dataclass(frozen=True)
class AvailabilityView:
    """What is free in a zone: the spaces that can be had for the whole of an interval, or those
    that are free at some time of a local `date`, and when."""

    zone_id: Annotated[str, Doc("The zone asked about.", "zone-a")]
    timezone: Annotated[str, Doc("Of the site.", "Asia/Kolkata")]
    date: Annotated[LocalDay | None, Doc("The day asked about, by the calendar of the site.")]
    start_time: Annotated[Instant, Doc("The start of the interval or of the day.")]
    end_time: Annotated[Instant, Doc("Its end; a day is 23 to 25 hours long.")]
    total_slots: int
    available_slots: Annotated[int, Doc("How many `free_spaces` there are.")]
    demand_percent: Annotated[
        int | None, Doc("The per cent of the price to be paid, by demand; null with `date`.", 100)
    ]
    free_spaces: tuple[SpaceRefView, ...]
    spaces: Annotated[
        tuple[FreeTimesView, ...],
        Doc("With `date` all spaces and when they are free from now on; otherwise empty."),
    ]
    closed: Annotated[tuple[ClosedView, ...], Doc("The blackouts in the way.")]

    @classmethod
    def of(cls, vacancy: Vacancy) -> Self:
        """The answer for an interval."""
        return cls(
            zone_id=vacancy.zone.zone_id,
            timezone=vacancy.site.timezone,
            date=None,
            start_time=localtime.iso(vacancy.interval.start),
            end_time=localtime.iso(vacancy.interval.end),
            total_slots=vacancy.total,
            available_slots=len(vacancy.free),
            demand_percent=vacancy.demand_percent,
            free_spaces=tuple(SpaceRefView.of(vacancy.zone, number) for number in vacancy.free),
            spaces=(),
            closed=tuple(map(ClosedView.of, vacancy.blackouts)),
        )

    @classmethod
    def of_day(cls, day: FreeDay) -> Self:
        """The answer for a day."""
        some = [number for number, free in day.free.items() if free]
        return cls(
            zone_id=day.zone.zone_id,
            timezone=day.site.timezone,
            date=day.on.isoformat(),
            start_time=localtime.iso(day.day.start),
            end_time=localtime.iso(day.day.end),
            total_slots=len(day.free),
            available_slots=len(some),
            demand_percent=None,
            free_spaces=tuple(SpaceRefView.of(day.zone, number) for number in some),
            spaces=tuple(
                FreeTimesView(f"{day.zone.zone_id}.{number}", number, tuple(map(TimeSpan.of, free)))
                for number, free in day.free.items()
            ),
            closed=tuple(map(ClosedView.of, day.blackouts)),
        )
