"""A zone's rules: durations, presence, confirmation, payment, refunds (docs/rules/policy.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal

from chalicelib.domain.core.constraints import Doc, Integer, Items, Structure, Text
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites.blackout import MOST, Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours

CheckIn = Literal["gate", "staff", "none"]
Prepay = Literal["optional", "required"]

METERED_LIMIT = timedelta(hours=24)
"""The safety limit of a metered stay, from its start."""

FURTHEST_AHEAD: Final = 730
"""Days: no zone takes bookings further ahead."""

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
    Text(max=5, pattern="([01][0-9]|2[0-3]):[0-5][0-9]", form=say("must_be_hour")),
]


@dataclass(frozen=True)
class Policy:
    """How bookings of one zone live and end. Durations are minutes unless the name says days."""

    granularity: Annotated[
        int, Integer(1, 24 * 60), Doc("Durations are a multiple of these minutes.")
    ] = 1
    default_duration: Annotated[_Duration, Doc("Default duration in minutes.")] = 60
    min_duration: Annotated[_Duration, Doc("Shortest duration in minutes.")] = 1
    max_duration: (
        Annotated[_Duration, Doc("Longest duration in minutes; null: no limit.")] | None
    ) = None
    advance_window: Annotated[
        int, Integer(0, FURTHEST_AHEAD), Doc("Days ahead that a booking may start.")
    ] = 90
    min_notice: Annotated[
        int, Integer(0, 60 * 24 * 90), Doc("Minutes before the start until which it can be booked.")
    ] = 0
    check_in: Annotated[
        CheckIn,
        Doc("Who checks in: the gate, staff, or none: the stay starts by itself."),
    ] = "gate"
    early_check_in: Annotated[
        int, Integer(0, 24 * 60), Doc("Minutes before the start from which the gate opens.")
    ] = 15
    no_show_after: (
        Annotated[_Duration, Doc("Minutes after the start; null: at the end of the booking.")]
        | None
    ) = None
    auto_checkout_after: (
        Annotated[
            _Duration,
            Doc(
                "Minutes after its actual start until a stay ends by itself; in rooms and venues "
                "not before its booked end and overstay_grace. Null, as in new rooms and venues: "
                "not at all; in parking metered, up to 24 hours."
            ),
        ]
        | None
    ) = 60
    check_in_hour: Annotated[
        _Hour, Doc("Rooms: the check-in hour of the arrival date.", "15:00")
    ] = "15:00"
    check_out_hour: Annotated[
        _Hour, Doc("Rooms: the check-out hour of the departure date.", "11:00")
    ] = "11:00"
    overstay_grace: Annotated[
        int,
        Integer(0, 24 * 60),
        Doc(
            "Rooms and venues with auto_checkout_after: minutes after the booked end before which "
            "no stay ends by itself."
        ),
    ] = 0
    prepay: Annotated[Prepay, Doc("Whether the fee must be paid online first.")] = "optional"
    payment_hold: Annotated[
        int,
        Integer(5, 24 * 60),
        Doc("Minutes for which a space is held until its fee is paid online."),
    ] = 15
    free_cancel_window: Annotated[
        int,
        Integer(0, 60 * 24 * 30),
        Doc("Minutes after booking with a full refund."),
    ] = 5
    confirmation: Annotated[
        bool, Doc("Whether bookings made long ahead are cancelled unless confirmed.")
    ] = False
    reminder_lead: Annotated[
        _Duration, Doc("Minutes before the start at which the reminder is sent.")
    ] = 24 * 60
    auto_cancel_lead: Annotated[
        int,
        Integer(0, 60 * 24 * 366),
        Doc("Minutes before the start at which an unconfirmed booking is cancelled."),
    ] = 2 * 60
    min_confirm_window: Annotated[
        int,
        Integer(0, 60 * 24 * 366),
        Doc("Least minutes between reminder and auto-cancel."),
    ] = 60
    waitlist: Annotated[bool, Doc("Whether the zone has a waitlist.")] = True
    claim_window: Annotated[
        int,
        Integer(1, 24 * 60),
        Doc("Minutes for which an offer is held."),
    ] = 15
    auto_renew_most: Annotated[
        int,
        Integer(0, 100),
        Doc("How often a stay with auto_renew renews by itself; 0: never. Rooms do not."),
    ] = 12
    max_entries_per_day: Annotated[
        int,
        Integer(1, 100),
        Doc("Live waitlist entries per person and local day."),
    ] = 3
    turnover: Annotated[
        bool,
        Doc("Whether rooms are cleaned between guests and must be ready for check-in."),
    ] = False
    quota_per_user: Annotated[int, Integer(1, 1000), Doc("Live bookings per person.")] | None = None
    max_bookings_per_day: (
        Annotated[
            int,
            Integer(1, 1000),
            Doc("Bookings per person that begin on one day of the site's calendar."),
        ]
        | None
    ) = None
    max_hours_per_week: (
        Annotated[
            int,
            Integer(1, 10_000),
            Doc("Booked hours per person that begin in one week, Monday to Sunday."),
        ]
        | None
    ) = None
    opening_hours: Annotated[OpeningHoursField, Doc("In place of those of the site.")] | None = None
    blackouts: Annotated[tuple[Blackout, ...], Items(MOST), Doc("Times without bookings.")] = ()

    @property
    def tracks_turnover(self) -> bool:
        """Whether rooms have a condition here. Without check-in it could not be kept."""
        return self.turnover and self.check_in != "none"
