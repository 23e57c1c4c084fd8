"""The mails that confirm a booking, and ask for its confirmation."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.domain.bookings import confirmation, confirmation_steps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import (
    groups,
    mails,
    reminders,
)
from chalicelib.rendering.mail.reader import Reader
from chalicelib.rendering.mail.reminders import Question
from docs import example_stays as stays
from docs.example_mails.ingredients import TOKENS, invitation, link
from docs.example_places import (
    BAYS,
    CLOCKS_BACK,
    COURTYARD,
    EVENING,
    GARAGE,
    HALLS,
    HOTEL,
    ROOMS,
    TOWN_HALL,
)


def examples(asha: Reader) -> dict[str, Message]:
    evening = stays.booked(BAYS, EVENING, hours=4)
    abroad = stays.booked(COURTYARD, CLOCKS_BACK, hours=3)
    return {
        "booking-confirmed": _confirmed(asha, evening, GARAGE, BAYS),
        "booking-confirmed-clock-change": _confirmed(asha, abroad, HOTEL, COURTYARD),
        "booking-confirmed-venue": _confirmed(asha, stays.hall(), TOWN_HALL, HALLS),
        "booking-confirmed-room": _confirmed(asha, stays.room(), HOTEL, ROOMS),
        "address-corrected": _confirmed(asha, evening, GARAGE, BAYS, corrected=True),
        "group-confirmed": _group(asha, stays.spaces(), GARAGE, BAYS),
        "series-confirmed": _group(asha, stays.series(), TOWN_HALL, HALLS),
        "reminder": _reminder(asha, stays.hall()),
        "reminder-again": _asked_again(asha, stays.hall()),
    }


def _confirmed(
    reader: Reader, booking: Booking, site: Site, zone: Zone, *, corrected: bool = False
) -> Message:
    return mails.booking_confirmed(
        booking,
        site,
        zone,
        code=TOKENS.qr(booking),
        invitation=invitation(reader, booking.created_at),
        corrected=corrected,
    )


def _group(reader: Reader, made: list[Booking], site: Site, zone: Zone) -> Message:
    return groups.group_confirmed(
        made, site, zone, code=TOKENS.qr, invitation=invitation(reader, EVENING)
    )


def _reminder(reader: Reader, booking: Booking) -> Message:
    due = booking.booked.start - timedelta(hours=24)
    asked = confirmation_steps.remind(booking, policy=HALLS.policy, source="sweep", now=due).booking
    return reminders.reminder(
        asked,
        TOWN_HALL,
        HALLS,
        question=_question(booking, due),
        invitation=invitation(reader, due),
    )


def _asked_again(reader: Reader, booking: Booking) -> Message:
    """The confirmation that staff send again while the answer to the reminder is awaited."""
    due = booking.booked.start - timedelta(hours=24)
    return mails.booking_confirmed(
        booking,
        TOWN_HALL,
        HALLS,
        code=TOKENS.qr(booking),
        invitation=invitation(reader, due + timedelta(hours=3)),
        question=_question(booking, due),
    )


def _question(booking: Booking, sent_at: datetime) -> Question:
    until = confirmation.auto_cancel_at(booking.booked.start, sent_at, HALLS.policy)
    return Question(link("confirm"), link("cancel"), until)
