"""How the models of the five replaced systems become our rows: which of their fields is which
column, and what their words mean. Fields that are not named here are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

Values = Mapping[str, str]

STATUSES: Final[Mapping[str, str]] = {
    "booked": "booked", "confirmed": "booked", "pending": "booked", "reserved": "booked",
    "upcoming": "booked", "pending_payment": "booked",
    "active": "active", "checked_in": "active", "in_house": "active",
    "completed": "completed", "checked_out": "completed",
    "cancelled": "cancelled", "canceled": "cancelled", "auto_cancelled": "cancelled",
    "expired": "expired", "no_show": "expired",
}  # fmt: skip
"""Our status for each word of theirs, in lower case."""


@dataclass(frozen=True)
class Model:
    """A model of an old system: the kind of our rows, our columns with the fields they come from
    (the first that is not empty counts), and columns that are worked out from a row."""

    kind: str
    columns: Mapping[str, tuple[str, ...]]
    computed: Mapping[str, Callable[[Values], str]] = field(default_factory=dict)

    def row(self, values: Values) -> dict[str, str]:
        """Our row of theirs, without the empty columns."""
        taken = {
            ours: next((values[name] for name in theirs if values.get(name)), "")
            for ours, theirs in self.columns.items()
        }
        taken |= {ours: work(values) for ours, work in self.computed.items()}
        return {ours: text for ours, text in taken.items() if text}

    def field_of(self, ours: str) -> str:
        """The field of theirs that a fault in our column is about."""
        theirs = self.columns.get(ours)
        return theirs[0] if theirs else ours


def _same(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


def _status(values: Values) -> str:
    """The status by its word; a word that is not known stays, and is a fault."""
    word = values.get("status", "")
    return STATUSES.get(word.lower().replace("-", "_").replace(" ", "_"), word)


def _session_status(values: Values) -> str:
    """The status of a parking session; the first version of that system had none and showed it by
    the times of entry and exit."""
    if values.get("status"):
        return _status(values)
    if values.get("exit_time"):
        return "completed"
    return "active" if values.get("entry_time") else "booked"


def _venue_status(values: Values) -> str:
    is_auto = values.get("auto_cancelled", "").lower() in ("true", "t", "1")
    return "cancelled" if is_auto else _status(values)


def _at(day: str, time: str) -> Callable[[Values], str]:
    """A local time from the fields of its date and its time of day."""
    return lambda values: f"{values.get(day, '')} {values.get(time, '')}".strip()


def _lower(name: str) -> Callable[[Values], str]:
    return lambda values: values.get(name, "").lower()


def _upper(name: str) -> Callable[[Values], str]:
    return lambda values: values.get(name, "").upper()


def _paid(values: Values) -> str:
    """Whether a payment was received: anything but a failure or a wait."""
    word = values.get("status", "success").lower()
    return "true" if word in ("success", "paid", "captured", "completed") else "false"


def _still_waits(values: Values) -> str:
    over = (values.get(name, "").lower() for name in ("claimed", "expired"))
    return "false" if any(word in ("true", "t", "1") for word in over) else "true"


def _name(values: Values) -> str:
    """The name of a user of Django: their full name, or the name to sign in with."""
    full = " ".join(values.get(part, "") for part in ("first_name", "last_name")).strip()
    return values.get("name", "") or full or values.get("username", "")


USER: Final = Model(
    "customers",
    {
        **_same("id", "email", "phone", "username", "password", "sites"),
        "active": ("is_active",),
        "created_at": ("date_joined", "created_at"),
    },
    {"name": _name, "role": _lower("role")},
)

_PARKING: Final[Mapping[str, Model]] = {
    "zone": Model(
        "zones",
        {**_same("id", "name", "site"), "rate": ("hourly_rate", "rate"), "active": ("is_active",)},
    ),
    "slot": Model(
        "spaces", {**_same("id"), "zone": ("zone", "zone_id"), "number": ("slot_number",)}
    ),
    "vehicle": Model("vehicles", {**_same("id", "owner_name"), "number": ("vehicle_number",)}),
    "user": USER,
    "session": Model(
        "bookings",
        {
            "id": ("id", "session_id"),
            "start": ("entry_time", "start_time", "created_at"),
            "end": ("exit_time", "end_time"),
            "space": ("slot", "slot_id"),
            "zone": ("zone", "zone_id"),
            "customer": ("user", "user_id"),
            "vehicle": ("vehicle", "vehicle_id"),
            "created_at": ("created_at",),
            "entered_at": ("entry_time",),
            "left_at": ("exit_time",),
            "ended_at": ("updated_at",),
            "paid": ("amount_paid",),
        },
        {"status": _session_status, "method": _upper("payment_method")},
    ),
    "payment": Model(
        "payments",
        {**_same("id", "amount"), "booking": ("session", "session_id")},
        {"received": _paid},
    ),
}

_TIMER: Final[Mapping[str, Model]] = {
    "user": USER,
    "booking": Model(
        "bookings",
        {
            "id": ("id", "booking_id"),
            "start": ("start_time",),
            "end": ("end_time",),
            "space": ("slot", "slot_id"),
            "zone": ("lot", "lot_id"),
            "customer": ("user", "user_id"),
            "created_at": ("created_at", "timestamp"),
            "ended_at": ("updated_at",),
            "vehicle_number": ("vehicle_number",),
        },
        {"status": _status},
    ),
}

_VENUE: Final[Mapping[str, Model]] = {
    "user": USER,
    "booking": Model(
        "bookings",
        {
            **_same("id", "purpose", "confirmed_at", "created_at"),
            "space": ("venue", "venue_id"),
            "customer": ("user", "user_id"),
            "ended_at": ("auto_cancelled_at", "updated_at"),
            "reason": ("auto_cancel_reason",),
        },
        {
            "status": _venue_status,
            "start": _at("date", "start_time"),
            "end": _at("date", "end_time"),
        },
    ),
    "waitlist": Model(
        "waitlist",
        {
            **_same("id", "priority", "created_at"),
            "space": ("venue", "venue_id"),
            "customer": ("user", "user_id"),
        },
        {
            "start": _at("date", "start_time"),
            "end": _at("date", "end_time"),
            "waiting": _still_waits,
        },
    ),
}

_HOTEL: Final[Mapping[str, Model]] = {
    "room": Model(
        "spaces", {"id": ("id", "room_number"), "zone": ("zone",), "number": ("room_number",)}
    ),
    "user": USER,
    "booking": Model(
        "bookings",
        {
            "id": ("booking_id", "id"),
            "start": ("check_in", "check_in_date"),
            "end": ("check_out", "check_out_date"),
            "space": ("assigned_room", "room"),
            "zone": ("zone", "room_type"),
            "customer": ("user", "user_id"),
            "created_at": ("created_at",),
            "entered_at": ("checked_in_at",),
            "left_at": ("checked_out_at",),
            "ended_at": ("cancelled_at", "updated_at"),
            "name": ("primary_guest_name", "guest_name"),
            "guest_email": ("primary_email", "guest_email"),
            "guest_phone": ("primary_phone", "guest_phone"),
            "charged": ("total_amount",),
            "paid": ("amount_paid", "paid"),
        },
        {"status": lambda values: _hotel_status(values)},
    ),
}

_AUTO_CHECKOUT: Final[Mapping[str, Model]] = {
    "user": USER,
    "booking": Model(
        "bookings",
        {
            "id": ("booking_id", "id"),
            "start": ("start_time", "actual_start_time"),
            "end": ("end_time",),
            "space": ("slot", "slot_id"),
            "zone": ("zone", "zone_id"),
            "customer": ("user", "user_id"),
            "created_at": ("created_at",),
            "entered_at": ("actual_start_time",),
            "left_at": ("actual_end_time",),
            "ended_at": ("updated_at",),
            "vehicle_number": ("vehicle_number",),
            "name": ("owner_name",),
            **_same("auto_checkout"),
        },
        {"status": _status},
    ),
}


def _hotel_status(values: Values) -> str:
    """The status of a stay: a CONFIRMED booking whose guest has checked in is active."""
    status = _status(values)
    return "active" if status == "booked" and values.get("checked_in_at") else status


SYSTEMS: Final[Mapping[str, Mapping[str, Model]]] = {
    "parking": _PARKING,
    "timer": _TIMER,
    "venue": _VENUE,
    "hotel": _HOTEL,
    "auto-checkout": _AUTO_CHECKOUT,
}
"""The models of each system, by the word with which the name of their file begins."""
