"""Views of sites, zones, spaces and audit events for operators."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any, Self

from chalicelib.api.sites.views import OpeningHoursView, SiteColour, place
from chalicelib.api.web.values import Currency, Instant, named_schema
from chalicelib.domain.core import localtime, serialize
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.pricing import tariff_json
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Space, Zone, ZoneKind

ClosedAt = Annotated[Instant | None, Doc("When it was closed for good; null while it is open.")]


def _maybe(at: datetime | None) -> str | None:
    return None if at is None else localtime.iso(at)


@dataclass(frozen=True)
class SellerView:
    """The business that sells at a site."""

    legal_name: Annotated[str, Doc("Its name in law.", "Central Parking Pvt Ltd")]
    gstin: Annotated[str | None, Doc("With it, tax invoices are made out.", "27AAPFU0939F1ZV")]
    address: Annotated[str | None, Doc("Where it is registered; by default the site's.")]
    state: Annotated[str | None, Doc("The code of the state of the property.", "27")]
    mark: Annotated[str, Doc("Begins the numbers of the site.", "AB")]


@dataclass(frozen=True)
class SiteView:
    """A site, for its operators."""

    slug: Annotated[str, Doc("The id of the site.", "central")]
    name: Annotated[str, Doc("The display name.", "Central Car Park")]
    timezone: Annotated[str, Doc("The IANA timezone of its local times.", "Asia/Kolkata")]
    currency: Currency
    opening_hours: OpeningHoursView
    contact: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    amenities: tuple[str, ...]
    colour: SiteColour
    seller: Annotated[SellerView | None, Doc("The business that its receipts and invoices name.")]
    active: Annotated[bool, Doc("Whether it takes bookings.")]
    realtime: Annotated[bool, Doc("Whether it publishes events.")]
    language: Annotated[
        str | None, Doc("The language (BCP 47) of readers whose own is not known.", "hi")
    ]
    version: Annotated[int, Doc("Rises with each edit.", 1)]
    closed_at: ClosedAt

    @classmethod
    def of(cls, site: Site) -> Self:
        """The view of `site`."""
        return cls(
            **place(site),
            seller=None if site.seller is None else SellerView(**serialize.fields(site.seller)),
            active=site.active,
            realtime=site.realtime,
            language=site.language,
            version=site.version,
            closed_at=_maybe(site.closed_at),
        )


@dataclass(frozen=True)
class ZoneView:
    """A zone with its policy and tariff, for its operators."""

    zone_id: Annotated[str, Doc("The id of the zone.", "zone-a")]
    site: Annotated[str, Doc("The slug of its site.", "central")]
    name: Annotated[str, Doc("The display name.", "Zone A")]
    kind: ZoneKind
    policy: Annotated[dict[str, Any], named_schema("Policy")]
    tariff: Annotated[dict[str, Any], named_schema("Tariff")]
    active: Annotated[bool, Doc("Whether it takes bookings.")]
    version: Annotated[int, Doc("Rises with each edit.", 1)]
    closed_at: ClosedAt

    @classmethod
    def of(cls, zone: Zone) -> Self:
        """The view of `zone`, with all policy and tariff fields."""
        return cls(
            zone_id=zone.zone_id,
            site=zone.site,
            name=zone.name,
            kind=zone.kind,
            policy=policy(zone.policy),
            tariff=dict(tariff_json.show(zone.tariff)),
            active=zone.active,
            version=zone.version,
            closed_at=_maybe(zone.closed_at),
        )


def policy(rules: Policy) -> dict[str, Any]:
    """A policy as clients read and write it."""
    plain = {each.name: getattr(rules, each.name) for each in fields(rules)}
    hours = rules.opening_hours
    return {
        **plain,
        "opening_hours": None if hours is None else hours.to_json(),
        "blackouts": [
            {**vars(each), "start": localtime.iso(each.start), "end": localtime.iso(each.end)}
            for each in rules.blackouts
        ],
    }


@dataclass(frozen=True)
class SpaceView:
    """A space, for its operators."""

    space_id: Annotated[str, Doc("The id of the space.", "zone-a.A-001")]
    zone_id: Annotated[str, Doc("The zone it is in.", "zone-a")]
    number: Annotated[str, Doc("Its number within the zone.", "A-001")]
    active: Annotated[bool, Doc("Whether it takes new bookings.")]
    note: str | None
    version: Annotated[int, Doc("Rises with each edit.", 1)]
    closed_at: ClosedAt

    @classmethod
    def of(cls, space: Space) -> Self:
        return cls(
            space_id=space.space_id,
            zone_id=space.zone_id,
            number=space.number,
            active=space.active,
            note=space.note,
            version=space.version,
            closed_at=_maybe(space.closed_at),
        )


@dataclass(frozen=True)
class AuditView:
    """An audit event. `outcome` is `allowed` or the code of the refusal."""

    event_id: str
    at: Instant
    actor: Annotated[str, Doc("The account, or `system`.")]
    action: Annotated[str, Doc("The action.", "edit_zone")]
    subject: Annotated[str, Doc("The id of its subject.", "zone-a")]
    outcome: Annotated[str, Doc("`allowed`, or the code of the refusal.", "allowed")]
    site: str | None
    address: Annotated[str, Doc("The source IP of the request.", "203.0.113.7")]
    detail: str

    @classmethod
    def of(cls, event: AuditEvent) -> Self:
        return cls(
            event_id=event.event_id,
            at=localtime.iso(event.at),
            actor=event.actor,
            action=event.action,
            subject=event.subject,
            outcome=event.outcome,
            site=event.site,
            address=event.source_ip,
            detail=event.detail,
        )
