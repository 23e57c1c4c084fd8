"""The names under which the OpenAPI document publishes closed sets of words. A set has one name in
all requests and answers; a generated client has one type for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from inspect import getdoc
from typing import Any, Final, get_args

from chalicelib.domain.bookings.attachment import AttachmentKind
from chalicelib.domain.bookings.booking import PaymentStatus
from chalicelib.domain.bookings.group import Scope
from chalicelib.domain.bookings.recurrence import Every, OnConflict
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.payments.gateway import GatewayName, RefundState
from chalicelib.domain.payments.ledger import EntryKind
from chalicelib.domain.payments.payment import PaymentState, Purpose
from chalicelib.domain.payments.review import CaseStatus
from chalicelib.domain.season_passes.season_pass import SeasonPassState
from chalicelib.domain.sites.policy import CheckIn, Prepay
from chalicelib.domain.sites.season_plan import SeasonPeriod
from chalicelib.domain.sites.site import ZoneKind
from chalicelib.domain.waitlist.estimate import Chance
from chalicelib.services.front_desk.bulk_result import Outcome
from chalicelib.services.sites.blackout_bookings import Existing

_NAMES: Final[Mapping[Any, str]] = {
    AttachmentKind: "AttachmentKind",
    CaseStatus: "ReviewStatus",
    Chance: "OfferChance",
    CheckIn: "CheckInBy",
    Condition: "RoomCondition",
    EntryKind: "LedgerEntryKind",
    EventName: "EventName",
    Every: "RepeatEvery",
    Existing: "ExistingBookings",
    GatewayName: "PaymentGateway",
    OnConflict: "RepeatOnConflict",
    Outcome: "RoomOutcome",
    PaymentState: "OnlinePaymentState",
    PaymentStatus: "PaymentStatus",
    Prepay: "Prepay",
    Purpose: "PaymentPurpose",
    RefundState: "RefundStatus",
    Scope: "GroupScope",
    SeasonPassState: "SeasonPassStatus",
    SeasonPeriod: "SeasonPeriod",
    Source: "TimelineSource",
    Status: "BookingStatus",
    ZoneKind: "ZoneKind",
}
"""Where the name of the class does not say it, or there is no class. Sets of a single view carry
their name as a mark (`Named`)."""


def name(words: Any) -> str | None:
    """The name of a set of words; that of its class where it has no other."""
    own = words.__name__ if isinstance(words, type) else None
    return _NAMES.get(words, own)


def schema(words: Any) -> dict[str, Any]:
    """The words, with what the class says of them."""
    if isinstance(words, type) and issubclass(words, StrEnum):
        listed: dict[str, Any] = {"type": "string", "enum": [each.value for each in words]}
        return listed | {"description": " ".join((getdoc(words) or "").split())}
    return {"type": "string", "enum": list(get_args(words))}
