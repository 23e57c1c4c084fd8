"""Request bodies of sites, zones and spaces.

In an edit a missing field stays as it is, and null clears an optional one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any

from chalicelib.api.web import parse
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import (
    UNSET,
    Doc,
    Items,
    LanguageTag,
    Name,
    Slug,
    Structure,
    Text,
)
from chalicelib.domain.core.sentence import say
from chalicelib.domain.pricing import tariff_json
from chalicelib.domain.sites.colour import Colour
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.seller import Seller
from chalicelib.domain.sites.site import ZoneKind
from chalicelib.services.sites import valid
from chalicelib.services.sites.spaces import MOST_NEW_SPACES

_PRESUMED = {"kind": "hourly", "currency": "KWD"}
"""Defaults to check a partial tariff with: three decimals leave room for every currency."""

_OF_GST = {"currency": "INR"}
"""The default for one that names a code of GST, which only rupees have."""

_DEGREES = r"-?[0-9]{1,3}(\.[0-9]{1,8})?"


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _safe(read: Callable[[Any], Any], where: str) -> Callable[[Any], Any]:
    """`read`, with every fault named under `where` in characters that any client can show."""

    def reader(raw: Any) -> Any:
        try:
            return read(raw)
        except errors.Invalid as invalid:
            raise errors.Invalid(
                {_under(where, name): what for name, what in invalid.fields.items()}
            ) from None

    return reader


def _under(where: str, name: str) -> str:
    shown = name[:80].encode("ascii", "replace").decode()
    return shown if shown.split(".")[0].split("[")[0] == where else f"{where}.{shown}"


def _policy_changes(raw: Any) -> dict[str, Any]:
    """The parts of a policy that the request names, read as a whole policy would be."""
    if not isinstance(raw, Mapping):
        raise errors.Invalid({"policy": say("must_be_object")})
    policy = parse.read(Policy, raw, where="policy")
    return {name: getattr(policy, name) for name in raw}


def _tariff(**presumed: str) -> Callable[[Any], dict[str, Any]]:
    """A reader of the parts of a tariff that the request names. They are read here as far as that
    goes without the site, so that their faults are named beside all others."""

    def read(raw: Any) -> dict[str, Any]:
        if not isinstance(raw, Mapping):
            raise errors.Invalid({"tariff": say("must_be_object")})
        of_gst = _OF_GST if _names_gst(raw.get("tax")) else {}
        tariff_json.read({**_PRESUMED, **of_gst, **presumed, **raw})
        return dict(raw)

    return read


def _names_gst(tax: object) -> bool:
    return isinstance(tax, Mapping) and tax.get("sac") is not None


def _degrees(name: str, most: int) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        is_number = isinstance(raw, int | Decimal) and not isinstance(raw, bool)
        text = str(raw) if is_number else raw
        is_degrees = isinstance(text, str) and re.fullmatch(_DEGREES, text)
        if not is_degrees or abs(Decimal(text)) > most:
            raise errors.Invalid({name: say("must_be_degrees", most=most)})
        return text

    return read


def _degrees_schema(most: int) -> dict[str, Any]:
    """One shape, because clients in typed languages have no other."""
    about = "Degrees; taken as a text, too."
    return {
        "type": "number",
        "format": "double",
        "minimum": -most,
        "maximum": most,
        "description": about,
    }


Called = Annotated[Name, Doc("What people call it.", "North")]
SiteSlug = Annotated[Slug, Doc("Names the site everywhere, for good.", "central")]
Timezone = Annotated[
    str,
    Structure(_safe(valid.timezone, "timezone"), {"type": "string"}),
    Doc("The IANA timezone of its local times.", "Asia/Kolkata"),
]
Currency = Annotated[
    str,
    Structure(_safe(valid.currency, "currency"), {"type": "string"}),
    Doc("ISO 4217.", "INR"),
]
OpeningHoursBody = Annotated[
    OpeningHours, Structure(_safe(OpeningHours.from_json, "opening_hours"), _ref("OpeningHours"))
]
Contact = Annotated[
    str, Text(max=200, lines=True), Doc("How guests reach the site.", "+91 80 5550 0100")
]
Address = Annotated[
    str, Text(max=300, lines=True), Doc("Where it is.", "1 Station Road, Bengaluru")
]
Latitude = Annotated[str, Structure(_degrees("latitude", 90), _degrees_schema(90))]
Longitude = Annotated[str, Structure(_degrees("longitude", 180), _degrees_schema(180))]
SiteLanguage = Annotated[
    LanguageTag, Doc("The language of readers whose own is not known; null: English.", "hi")
]
Amenities = Annotated[
    tuple[Annotated[str, Text(max=60)], ...],
    Items(30),
    Doc("What guests find there.", ["Covered", "Security"]),
]
SellerBody = Annotated[Seller, Doc("The business that its receipts and invoices name.")]
Active = Annotated[bool, Doc("Whether it takes bookings.")]
Realtime = Annotated[bool, Doc("Whether it publishes events, for listeners and webhooks.")]
ZoneId = Annotated[Slug, Doc("Names the zone everywhere, for good; unique in all sites.", "zone-a")]
PolicyChanges = Annotated[
    dict[str, Any],
    Structure(_safe(_policy_changes, "policy"), _ref("Policy")),
    Doc("Where the zone departs from the defaults of its kind."),
]
NewTariff = Annotated[
    dict[str, Any],
    Structure(_safe(_tariff(), "tariff"), _ref("NewTariff")),
    Doc("Its prices, in the site's currency."),
]
TariffEdit = Annotated[
    dict[str, Any],
    Structure(_safe(_tariff(rate="0"), "tariff"), _ref("TariffEdit")),
    Doc("The prices to change."),
]
Number = Annotated[
    str,
    Text(
        max=20, pattern=r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", form=say("must_be_letters_digits_dashes")
    ),
    Doc("The number painted on it.", "A-001"),
]
Note = Annotated[str, Text(max=200, lines=True), Doc("For staff.", "narrow")]


@dataclass(frozen=True)
class NewSite:
    """A place of business."""

    slug: SiteSlug
    name: Called
    timezone: Timezone
    currency: Currency
    opening_hours: OpeningHoursBody = field(default_factory=OpeningHours)
    contact: Contact | None = None
    address: Address | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    amenities: Amenities = ()
    colour: Colour | None = None
    seller: SellerBody | None = None
    active: Active = True
    realtime: Realtime = False
    language: SiteLanguage | None = None


@dataclass(frozen=True)
class SiteEdit:
    """What to change about a site."""

    name: Called = UNSET
    timezone: Timezone = UNSET
    currency: Currency = UNSET
    opening_hours: OpeningHoursBody = UNSET
    contact: Contact | None = UNSET
    address: Address | None = UNSET
    latitude: Latitude | None = UNSET
    longitude: Longitude | None = UNSET
    amenities: Amenities = UNSET
    colour: Colour | None = UNSET
    seller: SellerBody | None = UNSET
    active: Active = UNSET
    realtime: Realtime = UNSET
    language: SiteLanguage | None = UNSET


@dataclass(frozen=True)
class NewZone:
    """A group of like spaces in a site, with its rules and prices."""

    zone_id: ZoneId
    site: SiteSlug
    name: Called
    kind: ZoneKind
    tariff: NewTariff
    policy: PolicyChanges = field(default_factory=dict)
    active: Active = True


@dataclass(frozen=True)
class ZoneEdit:
    """What to change about a zone; `policy` and `tariff` change the parts they name."""

    name: Called = UNSET
    policy: PolicyChanges = UNSET
    tariff: TariffEdit = UNSET
    active: Active = UNSET


@dataclass(frozen=True)
class NewSpaces:
    """One space, or up to 90 at once, all or none."""

    zone_id: ZoneId
    number: Number | None = None
    numbers: Annotated[tuple[Number, ...], Items(MOST_NEW_SPACES)] | None = None
    active: Active = True
    note: Note | None = None

    def __post_init__(self) -> None:
        if (self.number is None) == (self.numbers is None):
            raise errors.Invalid({"number": say("give_number_or_numbers")})

    def all(self) -> tuple[str, ...]:
        """The numbers of all of them."""
        return (self.number,) if self.number is not None else self.numbers or ()


@dataclass(frozen=True)
class SpaceEdit:
    """What to change about a space."""

    active: Active = UNSET
    note: Note | None = UNSET
