"""A zone's rules: durations, presence, confirmation, payment, refunds (docs/rules/policy.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from chalicelib.domain.core.constraints import Doc, Integer, Items, Structure, Text
from chalicelib.domain.sites.blackout import MOST, Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours

METERED_LIMIT = timedelta(hours=24)
"""How long after its start a metered stay may last before it is ended: a safety limit."""

_HOURS_SCHEMA = {
    "type": "object",
    "description": 'Opening times by weekday (mon…sun), e.g. {"mon": ["06:00-22:00"]}; '
    "empty means always open.",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
}
OpeningHoursField = Annotated[OpeningHours, Structure(OpeningHours.from_json, _HOURS_SCHEMA)]
_Duration = Annotated[int, Integer(1, 60 * 24 * 366)]
_Hour = Annotated[
    str,
    Text(max=5, pattern="([01][0-9]|2[0-3]):[0-5][0-9]", form='must be a time such as "15:00"'),
]


@dataclass(frozen=True)
class Policy:
    """How bookings of one zone live and end. Durations are minutes unless the name says days."""

    granularity: Annotated[
        int, Integer(1, 24 * 60), Doc("Bookings last a multiple of so many minutes.")
    ] = 1
    default_duration: Annotated[_Duration, Doc("Minutes, where a booking names no end.")] = 60
    min_duration: Annotated[_Duration, Doc("Minutes a booking lasts at least.")] = 1
    max_duration: (
        Annotated[_Duration, Doc("Minutes a booking lasts at most; null: any.")] | None
    ) = None
    advance_window: Annotated[
        int, Integer(0, 730), Doc("How many days ahead a booking may start.")
    ] = 90
    min_notice: Annotated[
        int, Integer(0, 60 * 24 * 90), Doc("How many minutes ahead it must be made.")
    ] = 0
    check_in: Annotated[
        Literal["gate", "staff", "none"],
        Doc("Who checks in: the gate, staff, or nobody: then a stay begins by itself."),
    ] = "gate"
    early_check_in: Annotated[
        int, Integer(0, 24 * 60), Doc("How many minutes before the start the gate opens.")
    ] = 15
    no_show_after: (
        Annotated[_Duration, Doc("Minutes after its start; null: the end of the booking.")] | None
    ) = None
    auto_checkout_after: (
        Annotated[
            _Duration,
            Doc("Minutes after which a parked car is checked out by itself; null: metered."),
        ]
        | None
    ) = 60
    check_in_hour: Annotated[_Hour, Doc("Rooms: from when on the arrival date.", "15:00")] = "15:00"
    check_out_hour: Annotated[_Hour, Doc("Rooms: until when on the departure date.", "11:00")] = (
        "11:00"
    )
    overstay_grace: Annotated[
        int,
        Integer(0, 24 * 60),
        Doc("Rooms and venues: minutes a stay may outlast its end before it ends by itself."),
    ] = 0
    prepay: Annotated[
        Literal["optional", "required"], Doc("Whether the fee must be paid online first.")
    ] = "optional"
    free_cancel_window: Annotated[
        int,
        Integer(0, 60 * 24 * 30),
        Doc("Minutes after booking in which all is refunded."),
    ] = 5
    confirmation: Annotated[
        bool, Doc("Whether bookings made long ahead must be confirmed, or are cancelled.")
    ] = False
    reminder_lead: Annotated[
        _Duration, Doc("Minutes before the start at which the reminder goes out.")
    ] = 24 * 60
    auto_cancel_lead: Annotated[
        int,
        Integer(0, 60 * 24 * 366),
        Doc("Minutes before the start: then cancelled by itself."),
    ] = 2 * 60
    min_confirm_window: Annotated[
        int,
        Integer(0, 60 * 24 * 366),
        Doc("Minutes one has at least to answer a reminder."),
    ] = 60
    waitlist: Annotated[bool, Doc("Whether people may wait in line for what is taken.")] = True
    claim_window: Annotated[
        int,
        Integer(1, 24 * 60),
        Doc("Minutes for which an offer is held for who is next in line."),
    ] = 15
    max_entries_per_day: Annotated[
        int,
        Integer(1, 100),
        Doc("Live waitlist entries one person may have for one local day."),
    ] = 3
    turnover: Annotated[
        bool,
        Doc("Whether rooms are cleaned between guests, and only ready ones are checked in to."),
    ] = False
    quota_per_user: (
        Annotated[int, Integer(1, 1000), Doc("Live bookings one person may have here.")] | None
    ) = None
    opening_hours: Annotated[OpeningHoursField, Doc("Instead of the site's.")] | None = None
    blackouts: Annotated[
        tuple[Blackout, ...], Items(MOST), Doc("Times in which nothing may be booked.")
    ] = ()

    @property
    def tracks_turnover(self) -> bool:
        """Whether rooms have a condition here: where nobody checks in, nobody could keep it."""
        return self.turnover and self.check_in != "none"
