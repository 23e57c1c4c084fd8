"""A zone's rules for durations, presence, payment and refunds (lifecycle.md, Policy)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from chalicelib.domain.fields import Items, Structure, Whole
from chalicelib.domain.hours import OpeningHours
from chalicelib.domain.interval import Interval

METERED_LIMIT = timedelta(hours=24)
"""How long after its start a metered stay may last before it is ended: a safety limit."""

_HOURS_SCHEMA = {
    "type": "object",
    "description": 'Opening times by weekday (mon…sun), e.g. {"mon": ["06:00-22:00"]}; '
    "empty means always open.",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
}
Hours = Annotated[OpeningHours, Structure(OpeningHours.from_json, _HOURS_SCHEMA)]
_Duration = Annotated[int, Whole(1, 60 * 24 * 366)]


@dataclass(frozen=True)
class Policy:
    """How bookings of one zone live and end. Durations are minutes unless the name says days."""

    granularity: Annotated[int, Whole(1, 24 * 60)] = 1
    default_duration: _Duration = 60
    min_duration: _Duration = 1
    max_duration: _Duration | None = None
    advance_window_days: Annotated[int, Whole(0, 730)] = 90
    min_notice: Annotated[int, Whole(0, 60 * 24 * 90)] = 0
    check_in: Literal["gate", "staff", "none"] = "gate"
    early_check_in: Annotated[int, Whole(0, 24 * 60)] = 15
    no_show_after: _Duration | None = None
    auto_checkout_after: _Duration | None = 60
    prepay: Literal["optional", "required"] = "optional"
    free_cancel_window: Annotated[int, Whole(0, 60 * 24 * 30)] = 5
    quota_per_user: Annotated[int, Whole(1, 1000)] | None = None
    opening_hours: Hours | None = None
    blackouts: Annotated[tuple[Interval, ...], Items(100)] = ()
