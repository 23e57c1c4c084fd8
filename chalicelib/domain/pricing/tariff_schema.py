"""The JSON schema of a tariff, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from chalicelib.domain.core.localtime import MINUTES_A_DAY, WEEKDAYS
from chalicelib.domain.core.money import WHOLE
from chalicelib.domain.pricing.cancellation import EARLIEST_DAY, MOST_DEADLINES
from chalicelib.domain.pricing.demand import (
    DEFAULT_CAP,
    DEFAULT_FLOOR,
    LEAST_PERCENT,
    MOST_PERCENT,
    MOST_STEPS,
    PLAIN,
)
from chalicelib.domain.pricing.discount import (
    LONGEST_NAME,
    MOST_DAYS_AHEAD,
    MOST_DISCOUNTS,
    MOST_UNITS,
)
from chalicelib.domain.pricing.tariff import KINDS, RETURN_DAYS

MOST_BANDS: Final = 48
MOST_TAXES: Final = 8
LONGEST_UNIT: Final = 31 * MINUTES_A_DAY
LONGEST_RETURN: Final = 90

CANCELLATION: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "description": "Until when how much of the amount paid comes back; null: the refund window of "
    "the policy counts.",
    "additionalProperties": False,
    "required": ["deadlines"],
    "properties": {
        "deadlines": {
            "type": "array",
            "description": "In order, each with a lower percentage than the one before. After the "
            "last one nothing comes back.",
            "minItems": 1,
            "maxItems": MOST_DEADLINES,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["days_before", "until", "percent"],
                "properties": {
                    "days_before": {
                        "type": "integer",
                        "minimum": 0,
                        "maximum": EARLIEST_DAY,
                        "description": "Days before the local date of the start.",
                    },
                    "until": {
                        "type": "string",
                        "description": "The local time of that day, included.",
                        "examples": ["18:00"],
                    },
                    "percent": {"type": "integer", "minimum": 1, "maximum": 100},
                },
            },
        },
        "kept": {
            "type": "string",
            "default": "0.00",
            "description": "Kept of every refund.",
        },
    },
}

DEMAND: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "description": "Prices by how full the zone is for the time asked for; null: they do not "
    "depend on it.",
    "additionalProperties": False,
    "required": ["steps"],
    "properties": {
        "steps": {
            "type": "array",
            "description": "In order, each from fuller on. Below the first one prices count as "
            "they are.",
            "minItems": 1,
            "maxItems": MOST_STEPS,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["full_percent", "price_percent"],
                "properties": {
                    "full_percent": {
                        "type": "integer",
                        "minimum": 0,
                        "maximum": 100,
                        "description": "From this per cent of the zone taken on.",
                    },
                    "price_percent": {
                        "type": "integer",
                        "minimum": LEAST_PERCENT,
                        "maximum": MOST_PERCENT,
                        "description": "The per cent of the price to be paid.",
                    },
                },
            },
        },
        "floor_percent": {
            "type": "integer",
            "minimum": LEAST_PERCENT,
            "maximum": PLAIN,
            "default": DEFAULT_FLOOR,
            "description": "The least per cent of the price, even if a step says less.",
        },
        "cap_percent": {
            "type": "integer",
            "minimum": PLAIN,
            "maximum": MOST_PERCENT,
            "default": DEFAULT_CAP,
            "description": "The most per cent of the price, even if a step says more.",
        },
    },
}

DISCOUNTS: Final[dict[str, Any]] = {
    "type": "array",
    "description": "Shares off the price, each for stays that meet all its conditions. They add "
    "up.",
    "maxItems": MOST_DISCOUNTS,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "percent"],
        "properties": {
            "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": LONGEST_NAME,
                "description": "As the bill says it.",
                "examples": ["Weekend"],
            },
            "percent": {"type": "integer", "minimum": 1, "maximum": 100},
            "days": {
                "type": "array",
                "description": "The weekdays on which its units begin; all where absent.",
                "minItems": 1,
                "maxItems": 7,
                "items": {"enum": list(WEEKDAYS)},
            },
            **{
                name: {
                    "type": ["string", "null"],
                    "format": "date",
                    "default": None,
                    "description": f"The {name} date on which its units begin; null: no limit.",
                }
                for name in ("first", "last")
            },
            "min_units": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST_UNITS,
                "default": 1,
                "description": "The fewest hours, days or nights of the stay.",
            },
            "days_ahead": {
                "type": "integer",
                "minimum": 0,
                "maximum": MOST_DAYS_AHEAD,
                "default": 0,
                "description": "The fewest days from the booking to its start.",
            },
        },
    },
}

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": 'Prices of a zone. Amounts are decimals such as "50.00".',
    "additionalProperties": False,
    "required": ["kind", "rate"],
    "properties": {
        "kind": {"enum": list(KINDS)},
        "currency": {"type": "string", "description": "ISO 4217; the site's where absent"},
        "rate": {"type": "string", "description": "per unit, per calendar day, per night, or once"},
        "unit_minutes": {"type": "integer", "minimum": 1, "maximum": LONGEST_UNIT, "default": 60},
        "grace_minutes": {"type": "integer", "minimum": 0, "maximum": MINUTES_A_DAY, "default": 5},
        "booking_fee": {"type": "string", "default": "0.00"},
        "late_fee": {"type": "string", "default": "0.00"},
        "free_minutes": {
            "type": "integer",
            "minimum": 0,
            "maximum": MINUTES_A_DAY,
            "default": 0,
            "description": "The first minutes of a stay, which cost nothing.",
        },
        "day_cap": {
            "type": ["string", "null"],
            "description": "The most that the units of one calendar day cost; null: no maximum.",
        },
        "no_show_fee": {
            "type": "string",
            "default": "0.00",
            "description": "Due for a booking that expires without an entry.",
        },
        "deposit": {
            "type": "string",
            "default": "0.00",
            "description": "Taken beside the booking fee; it comes back after the stay.",
        },
        "deposit_return_days": {
            "type": "integer",
            "minimum": 0,
            "maximum": LONGEST_RETURN,
            "default": RETURN_DAYS,
            "description": "How many days after the stay a deposit that was paid online comes "
            "back by itself.",
        },
        "cancellation": CANCELLATION,
        "bands": {
            "type": ["array", "string"],
            "description": "Prices by time of day and weekday; for days and nights by weekday. "
            '"default" stands for 06-09 80, 09-18 50, 18-21 70, 21-06 30.',
            "maxItems": MOST_BANDS,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["from", "to", "rate"],
                "properties": {
                    **{name: {"type": "string"} for name in ("from", "to", "rate")},
                    "days": {
                        "type": "array",
                        "description": "The weekdays on which it begins; all where absent.",
                        "minItems": 1,
                        "maxItems": 7,
                        "items": {"enum": list(WEEKDAYS)},
                    },
                },
            },
        },
        "demand": DEMAND,
        "discounts": DISCOUNTS,
        "tax": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "rate_bp": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": WHOLE,
                    "description": "To be given unless there is a sac.",
                },
                "sac": {
                    "type": ["string", "null"],
                    "description": "The code of the service in the GST of India: parking 996743, "
                    "rooms 996311, halls 997212. The rate is that of the day, half CGST and half "
                    "SGST.",
                },
                "inclusive": {"type": "boolean", "default": True},
                "parts": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_TAXES,
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["name", "share_bp"],
                        "properties": {
                            "name": {"type": "string", "minLength": 1, "maxLength": 24},
                            "share_bp": {"type": "integer", "minimum": 0, "maximum": WHOLE},
                        },
                    },
                },
            },
        },
    },
}
"""The JSON schema of a tariff."""
