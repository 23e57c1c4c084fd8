"""Named schemas of the OpenAPI document that do not follow from one dataclass."""

from __future__ import annotations

from inspect import getdoc
from typing import Final

from chalicelib.api.web import operation_codes, tariff_schemas
from chalicelib.api.web.schemas import REF, Schema, Schemas, one_line
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.localtime import WEEKDAYS
from chalicelib.domain.sites.opening_hours import SPANS_A_DAY
from chalicelib.domain.sites.policy import Policy


def _span(description: str) -> Schema:
    """The schema of a time that a refusal names, or null."""
    choices = [{"$ref": f"{REF}TimeSpan"}, {"type": "null"}]
    return {"anyOf": choices, "description": description}


def _text(description: str, **more: object) -> Schema:
    return {"type": "string", "description": description, **more}


ERROR: Final[Schema] = {
    "type": "object",
    "description": "A refusal.",
    "properties": {
        "error": {"$ref": f"{REF}ErrorDetail"},
        "request_id": _text("The id of the request in the log, as in `X-Request-Id`."),
    },
    "required": ["error", "request_id"],
}
DETAIL: Final[Schema] = {
    "type": "object",
    "description": "What was refused. `code` is stable, `message` is for people.",
    "properties": {
        "code": {"$ref": f"{REF}ErrorCode"},
        "message": {"type": "string"},
        "fields": {
            "type": "object",
            "description": "What each faulty field must be.",
            "additionalProperties": {"type": "string"},
        },
        "dates": {
            "type": "array",
            "description": "Only with DATES_UNAVAILABLE: each local date that is not "
            "available, with the code and the message of the refusal for that date.",
            "items": {"$ref": f"{REF}ErrorDate"},
        },
        "taken": _span("With ZONE_FULL and SPACE_TAKEN: the time in the way."),
        "next_free": _span(
            "With ZONE_FULL, SPACE_TAKEN and ALREADY_ENDED: the next free time of the same "
            "length, as far as the day (for rooms the month) goes."
        ),
        "waitlist": {
            "type": "boolean",
            "description": "With these: whether there is a waitlist to join.",
        },
        "free_spaces": {
            "type": "array",
            "description": "Only with SPACE_TAKEN, where the desk assigns or swaps rooms: other "
            "rooms that the booking could have, at most ten.",
            "items": {"type": "string"},
        },
        "booking_id": _text("Only with PAYMENT_DUE: the booking that is unpaid."),
        "amount_due": {
            "$ref": f"{REF}MoneyView",
            "description": "Only with PAYMENT_DUE: what is left to pay for it.",
        },
        "site": _text("Only with PAYMENT_DUE: the site of that booking."),
        "how_to_pay": _text(
            "Only with PAYMENT_DUE: where and how, for people.",
            examples=["Pay at the gate or at the desk of Central."],
        ),
        "price": {
            "$ref": f"{REF}MoneyView",
            "description": "Only with PRICE_CHANGED: what the booking costs now.",
        },
        "pay_url": _text(
            "Only with PAYMENT_DUE, where payments are taken online: the page that takes it, "
            "without signing in.",
            format="uri",
        ),
        "opens_at": _text("Only with TOO_EARLY: when check-in opens.", format="date-time"),
        "since": _text("Only with ALREADY_CHECKED_IN: when the guest came in.", format="date-time"),
        "vehicle_number": _text(
            "Only with PLATE_MISMATCH: the plate of the booking.", examples=["KA01AB1234"]
        ),
        "limit": {
            "type": "integer",
            "format": "int32",
            "description": "Only with TOO_MANY_ENTRIES: the entries a customer may have for a day.",
            "examples": [3],
        },
        "claim_window": {
            "type": "integer",
            "format": "int32",
            "description": "Only with OFFER_EXPIRED, where an offer has lapsed: the minutes for "
            "which it could be claimed.",
            "examples": [15],
        },
        "open": {
            "type": "object",
            "description": "With IN_USE, and for staff with ZONE_FULL and SPACE_TAKEN: "
            "what is in the way, by kind, with its number (up to 1000) and ten ids.",
            "additionalProperties": {"$ref": f"{REF}OpenKindView"},
        },
    },
    "required": ["code", "message"],
}
DATE: Final[Schema] = {
    "type": "object",
    "description": "A local date that is not available.",
    "properties": {
        "date": {"type": "string", "format": "date"},
        "code": {"$ref": f"{REF}ErrorCode"},
        "message": {"type": "string"},
        "taken": _span("With ZONE_FULL and SPACE_TAKEN: the time in the way."),
    },
    "required": ["date", "code", "message"],
}
HOURS: Final[Schema] = {
    "type": "object",
    "description": "Opening times by weekday. A weekday without any is closed; none at all means "
    "always open. An end not after its start is on the next day.",
    "properties": {
        day: {
            "type": "array",
            "maxItems": SPANS_A_DAY,
            "items": {"type": "string", "examples": ["06:00-22:00"]},
        }
        for day in WEEKDAYS
    },
    "additionalProperties": False,
    "examples": [{"mon": ["06:00-22:00"], "sat": ["18:00-02:00"]}],
}


def all_of(schemas: Schemas) -> dict[str, Schema]:
    """The named schemas: error, opening hours, policy and tariffs."""
    properties = schemas.properties(Policy, read=True)
    for schema in properties.values():
        schema.pop("default", None)  # a default depends on the kind of the zone
    hours = {
        "anyOf": [{"$ref": f"{REF}OpeningHours"}, {"type": "null"}],
        "description": properties["opening_hours"]["description"],
    }
    policy = {
        "type": "object",
        "description": one_line(getdoc(Policy) or ""),
        "properties": {**properties, "opening_hours": hours},
        "additionalProperties": False,
        "examples": [{"auto_checkout_after": None, "max_duration": 1440}],
    }
    return {
        "Error": ERROR,
        "ErrorDate": DATE,
        "ErrorDetail": DETAIL,
        "ErrorCode": _error_code(),
        "OpeningHours": HOURS,
        "Policy": policy,
        "StayWord": {"type": "string", "enum": [each.value.upper() for each in Status]},
        **tariff_schemas.named(),
    }


def _error_code() -> Schema:
    """The stable codes. An operation says which of them it may answer."""
    return {
        "type": "string",
        "description": "The stable code of a refusal. `x-error-codes` of an answer has those that "
        "may come there.",
        "enum": operation_codes.every(),
    }
