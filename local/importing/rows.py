"""The columns of each kind of file: their names, their types, what they mean.

docs/migrate/import.md shows them, and `api/web/parse.py` reads them as it reads requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from chalicelib.api.sites.bodies import Number
from chalicelib.api.web import parse
from chalicelib.domain.core import localtime
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.constraints import (
    Amount,
    Doc,
    Email,
    Integer,
    Name,
    Phone,
    Plate,
    Slug,
    Structure,
    Text,
)
from chalicelib.domain.core.sentence import Fault, Verbatim, say
from chalicelib.domain.payments.tender import PaymentMethod

_YES: Final = frozenset({"true", "t", "1", "yes", "y"})
_NO: Final = frozenset({"false", "f", "0", "no", "n"})
_SPACE = re.compile(r"(\d{4}-\d{2}-\d{2}) +(\d{2}:\d{2})", re.ASCII)
_SHORT_OFFSET = re.compile(r"(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)([+-]\d{2})(\d{2})?", re.ASCII)

_TIME_FORM: Final = Verbatim("must be a time such as 2026-11-21T04:30:00Z or 2026-11-21 10:00")


def _yes_or_no(raw: Any) -> bool:
    word = str(raw).lower()
    if word not in _YES | _NO:
        raise Fault(say("must_be_boolean"))
    return word in _YES


def moment(raw: Any) -> datetime:
    """A time as databases write it: ISO 8601, also with a blank for the T and with a short
    offset. Naive without an offset: by the clock of the site. Raises Fault."""
    text = _SPACE.sub(r"\1T\2", str(raw).strip(), count=1)
    date, at, time = text.partition("T")
    if at and (short := _SHORT_OFFSET.fullmatch(time)):
        text = f"{date}T{short[1]}{short[2]}:{short[3] or '00'}"
    try:
        return localtime.parse_moment(text)
    except (localtime.FarYear, localtime.NoSuchDay):
        raise
    except ValueError:
        raise Fault(_TIME_FORM) from None


OldIdText = Annotated[str, Text(max=200)]
YesNo = Annotated[bool, Structure(_yes_or_no, {"type": "true or false"})]
Moment = Annotated[datetime, Structure(moment, {"type": "time"})]
Word = Annotated[str, Text(max=200)]


@dataclass(frozen=True)
class ZoneRow:
    """A zone of a site that exists. It gets the policy that new zones of its kind get."""

    id: Annotated[OldIdText, Doc("Its id in the old system.", "1")]
    name: Annotated[Name, Doc("Its name.", "Zone A")]
    site: Annotated[Slug, Doc("The site here; otherwise that of `--site`.", "central")]
    zone_id: (
        Annotated[Slug, Doc("Its id here; otherwise the name in lower case.", "zone-a")] | None
    ) = None
    kind: Annotated[Literal["parking", "venue", "room"], Doc("What is booked.", "parking")] = (
        "parking"
    )
    rate: Annotated[str, Amount(), Doc("The price of an hour, for rooms of a night.", "50.00")] = (
        "0"
    )
    active: Annotated[YesNo, Doc("Whether it takes bookings.", "true")] = True


@dataclass(frozen=True)
class SpaceRow:
    """A space of a zone."""

    id: Annotated[OldIdText, Doc("Its id in the old system.", "12")]
    number: Annotated[Number, Doc("The number painted on it.", "A-001")]
    zone: (
        Annotated[
            OldIdText, Doc("The old id of its zone, or its id here; otherwise `--zone`.", "1")
        ]
        | None
    ) = None
    active: Annotated[YesNo, Doc("Whether it takes bookings.", "true")] = True
    note: Annotated[Word, Doc("A note for staff.", "Next to the lift")] | None = None


@dataclass(frozen=True)
class CustomerRow:
    """A customer, or with a role a member of staff."""

    id: Annotated[OldIdText, Doc("The id in the old system.", "7")]
    email: Annotated[Email, Doc("The address to sign in with.", "asha@example.com")]
    name: Annotated[Name, Doc("The name.", "Asha Rao")]
    phone: Annotated[Phone, Doc("A phone number.", "+91 98450 12345")] | None = None
    username: Annotated[Word, Doc("Another name to sign in with.", "asha")] | None = None
    role: Annotated[Role, Doc("The role.", "user")] = Role.USER
    sites: (
        Annotated[Word, Doc("For staff and owners: their sites, with blanks between.", "central")]
        | None
    ) = None
    active: Annotated[YesNo, Doc("Whether the account may sign in.", "true")] = True
    verified: Annotated[YesNo, Doc("Whether the address is known to be theirs.", "true")] = True
    password: (
        Annotated[
            str,
            Text(max=400),
            Doc(
                "The hash: Django's `pbkdf2_sha256$…` or `argon2$…`, or a plain `$argon2id$…`. "
                "Without one the customer chooses a password by mail.",
                "pbkdf2_sha256$600000$…",
            ),
        ]
        | None
    ) = None
    created_at: Annotated[Moment, Doc("When it was opened.", "2024-01-18T05:00:00Z")] | None = None


@dataclass(frozen=True)
class VehicleRow:
    """A vehicle, for bookings that name it by its id."""

    id: Annotated[OldIdText, Doc("Its id in the old system.", "3")]
    number: Annotated[Plate, Doc("Its number plate.", "KA01AB1234")]
    owner_name: Annotated[Name, Doc("Its owner.", "Asha Rao")] | None = None


@dataclass(frozen=True)
class PaymentRow:
    """A payment that was received for a booking. It adds to what the booking says itself."""

    id: Annotated[OldIdText, Doc("Its id in the old system.", "5")]
    booking: Annotated[OldIdText, Doc("The old id of the booking.", "17")]
    amount: Annotated[str, Amount(), Doc("The amount, in the currency of the site.", "150.00")]
    received: Annotated[YesNo, Doc("False for one that failed or waits.", "true")] = True


OldStatus = Literal["booked", "active", "completed", "cancelled", "expired"]


@dataclass(frozen=True)
class BookingRow:
    """A booking, live or over."""

    id: Annotated[OldIdText, Doc("Its id in the old system.", "17")]
    status: Annotated[OldStatus, Doc("Its status.", "booked")]
    start: Annotated[Moment, Doc("The booked start.", "2026-12-01 10:00")]
    end: (
        Annotated[Moment, Doc("The booked end; otherwise the zone's default later.", "")] | None
    ) = None
    space: Annotated[OldIdText, Doc("The old id of its space, or its id here.", "12")] | None = None
    zone: Annotated[OldIdText, Doc("The zone, where no `space` is named.", "zone-a")] | None = None
    number: (
        Annotated[Number, Doc("The number of the space; without one any free one.", "A-001")] | None
    ) = None
    customer: (
        Annotated[OldIdText, Doc("The old id, address or user name of the customer.", "7")] | None
    ) = None
    created_at: Annotated[Moment, Doc("When it was made.", "2026-11-20T05:00:00Z")] | None = None
    entered_at: Annotated[Moment, Doc("When the stay began.", "")] | None = None
    left_at: Annotated[Moment, Doc("When the stay ended.", "")] | None = None
    ended_at: Annotated[Moment, Doc("When it was cancelled or expired.", "")] | None = None
    confirmed_at: Annotated[Moment, Doc("When the guest confirmed it.", "")] | None = None
    vehicle: Annotated[OldIdText, Doc("The old id of its vehicle.", "3")] | None = None
    vehicle_number: Annotated[Plate, Doc("The number plate.", "KA01AB1234")] | None = None
    name: Annotated[Name, Doc("The name it was made in.", "Asha Rao")] | None = None
    guest_email: (
        Annotated[Email, Doc("The address of a guest without an account.", "guest@example.com")]
        | None
    ) = None
    guest_phone: Annotated[Phone, Doc("The phone number of that guest.", "")] | None = None
    purpose: Annotated[Word, Doc("What it is for.", "Choir")] | None = None
    charged: Annotated[str, Amount(), Doc("The price of an ended stay.", "150.00")] | None = None
    paid: Annotated[str, Amount(), Doc("The money received for it.", "150.00")] = "0"
    method: Annotated[PaymentMethod, Doc("How it was paid.", "CASH")] = PaymentMethod.CASH
    auto_checkout: Annotated[YesNo, Doc("Whether the stay ended by itself.", "false")] = False
    reason: Annotated[Word, Doc("Why it was cancelled.", "")] | None = None


@dataclass(frozen=True)
class EntryRow:
    """A waitlist entry. One that no longer waits is left out."""

    id: Annotated[OldIdText, Doc("Its id in the old system.", "4")]
    customer: Annotated[OldIdText, Doc("The old id, address or user name of the customer.", "7")]
    start: Annotated[Moment, Doc("The start waited for.", "2026-12-01 10:00")]
    end: Annotated[Moment, Doc("The end waited for.", "2026-12-01 12:00")]
    space: Annotated[OldIdText, Doc("The old id of the space waited for.", "12")] | None = None
    zone: Annotated[OldIdText, Doc("The zone, where no `space` is named.", "halls")] | None = None
    number: Annotated[Number, Doc("The number of the space; without one any.", "aula")] | None = (
        None
    )
    created_at: Annotated[Moment, Doc("When the customer joined.", "")] | None = None
    priority: Annotated[int, Integer(-100, 100), Doc("0 is normal; lower comes first.", 0)] = 0
    waiting: Annotated[YesNo, Doc("False once it was claimed, left or expired.", "true")] = True


Row = ZoneRow | SpaceRow | CustomerRow | VehicleRow | PaymentRow | BookingRow | EntryRow

KINDS: Final[Mapping[str, type[Row]]] = {
    "zones": ZoneRow,
    "spaces": SpaceRow,
    "customers": CustomerRow,
    "vehicles": VehicleRow,
    "payments": PaymentRow,
    "bookings": BookingRow,
    "waitlist": EntryRow,
}
"""The kinds of files, in the order in which they are brought over."""


def columns(kind: str) -> Mapping[str, tuple[Field[Any], Any]]:
    """The columns of a kind of file, each with its field and its annotation."""
    return parse.shape(KINDS[kind])  # type: ignore[arg-type]  # mypy takes no class for hashable
