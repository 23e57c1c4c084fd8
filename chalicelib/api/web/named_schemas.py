"""Named schemas of the OpenAPI document that do not follow from one dataclass."""

from __future__ import annotations

from copy import deepcopy
from inspect import getdoc
from typing import Final

from chalicelib.api.web import operation_codes
from chalicelib.api.web.schemas import REF, Schema, Schemas, one_line
from chalicelib.domain.core.localtime import WEEKDAYS
from chalicelib.domain.pricing import tariff_json, tariff_schema
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.opening_hours import SPANS_A_DAY
from chalicelib.domain.sites.policy import Policy


def _span(description: str) -> Schema:
    """The schema of a time that a refusal names, or null."""
    instant = {"type": "string", "format": "date-time"}
    span = {
        "type": "object",
        "properties": {"start": instant, "end": instant},
        "required": ["start", "end"],
    }
    return {"anyOf": [span, {"type": "null"}], "description": description}


ERROR: Final[Schema] = {
    "type": "object",
    "description": "A refusal. `code` is stable, `message` is for people.",
    "properties": {
        "error": {
            "type": "object",
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
                    "items": {
                        "type": "object",
                        "properties": {
                            "date": {"type": "string", "format": "date"},
                            "code": {"$ref": f"{REF}ErrorCode"},
                            "message": {"type": "string"},
                            "taken": _span("With ZONE_FULL and SPACE_TAKEN: the time in the way."),
                        },
                        "required": ["date", "code", "message"],
                    },
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
                "booking_id": {
                    "type": "string",
                    "description": "Only with PAYMENT_DUE: the booking that is unpaid.",
                },
                "amount_due": {
                    "$ref": f"{REF}MoneyView",
                    "description": "Only with PAYMENT_DUE: what is left to pay for it.",
                },
                "site": {
                    "type": "string",
                    "description": "Only with PAYMENT_DUE: the site of that booking.",
                },
                "how_to_pay": {
                    "type": "string",
                    "description": "Only with PAYMENT_DUE: where and how, for people.",
                    "examples": ["Pay at the gate or at the desk of Central."],
                },
                "opens_at": {
                    "type": "string",
                    "format": "date-time",
                    "description": "Only with TOO_EARLY: when check-in opens.",
                },
                "since": {
                    "type": "string",
                    "format": "date-time",
                    "description": "Only with ALREADY_CHECKED_IN: when the guest came in.",
                },
                "vehicle_number": {
                    "type": "string",
                    "description": "Only with PLATE_MISMATCH: the plate of the booking.",
                    "examples": ["KA01AB1234"],
                },
                "limit": {
                    "type": "integer",
                    "description": "Only with TOO_MANY_ENTRIES: the entries a customer may have "
                    "for a day.",
                    "examples": [3],
                },
                "claim_window": {
                    "type": "integer",
                    "description": "Only with OFFER_EXPIRED, where an offer has lapsed: the "
                    "minutes for which it could be claimed.",
                    "examples": [15],
                },
                "open": {
                    "type": "object",
                    "description": "With IN_USE, and for staff with ZONE_FULL and SPACE_TAKEN: "
                    "what is in the way, by kind, with its number (up to 1000) and ten ids.",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "count": {"type": "integer", "examples": [2]},
                            "ids": {"type": "array", "items": {"type": "string"}},
                        },
                        "required": ["count", "ids"],
                    },
                },
            },
            "required": ["code", "message"],
        },
        "request_id": {"type": "string"},
    },
    "required": ["error", "request_id"],
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

_EXAMPLE: Final = tariff_json.show(Tariff("hourly", "INR", 5000, booking_fee=5000))


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
        "ErrorCode": _error_code(),
        "OpeningHours": HOURS,
        "Policy": policy,
        **_tariffs(),
    }


def _error_code() -> Schema:
    """The stable codes. An operation says which of them it may answer."""
    return {
        "type": "string",
        "description": "The stable code of a refusal. `x-error-codes` of an answer has those that "
        "may come there.",
        "enum": operation_codes.every(),
    }


def _tariffs() -> dict[str, Schema]:
    """A tariff as answered, as set for a new zone, and as changed; its cancellation terms."""
    whole = deepcopy(tariff_schema.SCHEMA)
    sent: Schema = deepcopy(whole)
    properties = sent["properties"]
    for part in (
        *(properties[name] for name in ("rate", "booking_fee", "late_fee", "no_show_fee")),
        properties["cancellation"]["properties"]["kept"],
        properties["bands"]["items"]["properties"]["rate"],
    ):
        _as_amount(part)
    _as_amount(properties["day_cap"], {"type": "null"})
    edit = {name: value for name, value in deepcopy(sent).items() if name != "required"}
    return {
        "Cancellation": {
            **tariff_schema.CANCELLATION,
            "required": list(tariff_schema.CANCELLATION["properties"]),
        },
        "Tariff": {**whole, "required": list(whole["properties"]), "examples": [_EXAMPLE]},
        "NewTariff": {**sent, "required": ["rate"], "examples": [{"rate": "50.00"}]},
        "TariffEdit": {**edit, "examples": [{"rate": "60.00", "grace_minutes": 10}]},
    }


def _as_amount(part: Schema, *others: Schema) -> None:
    """Accept a number as well as a text for an amount that is sent, or one of `others`."""
    del part["type"]
    part["anyOf"] = [{"type": "string"}, {"type": "number", "minimum": 0}, *others]
    part["examples"] = ["50.00"]
