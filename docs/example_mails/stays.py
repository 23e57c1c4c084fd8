"""The mails about a stay that has ended, or has not."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.domain.bookings import ends
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.stays import check_out
from chalicelib.rendering.mail import (
    endings,
    mails,
    notices,
)
from chalicelib.rendering.mail.reader import Reader
from docs import example_stays as stays
from docs.example_mails.ingredients import invitation, link
from docs.example_places import (
    ATTENDANT,
    BAYS,
    EVENING,
    GARAGE,
    HALLS,
    HOTEL,
    ROOMS,
    TIMED_BAYS,
    TOWN_HALL,
)


def examples(asha: Reader) -> dict[str, Message]:
    return {
        "stay-ended": mails.stay_ended(
            asha, stays.over_midnight(), GARAGE, BAYS, receipt=link("receipt")
        ),
        "stay-ended-auto": mails.stay_ended(asha, stays.forgotten(), GARAGE, TIMED_BAYS),
        "stay-ended-online": mails.stay_ended(
            asha, stays.forgotten(), GARAGE, TIMED_BAYS, pay=link("pay")
        ),
        "stay-ended-room": mails.stay_ended(asha, stays.checked_out(), HOTEL, ROOMS),
        "stay-over": _over(asha),
        "stay-terminated": _terminated(asha),
    }


def _over(reader: Reader) -> Message:
    """The rehearsal is over; the hall cost nothing."""
    hall = stays.hall()
    begun = hall.started(hall.booked.start, by=SYSTEM, source="sweep", policy=HALLS.policy)
    ended = check_out.check_out(
        begun,
        by=SYSTEM,
        source="auto_checkout",
        at=hall.booked.end,
        tz=TOWN_HALL.tz,
        policy=Policy(),
        entry_id="LE1",
        tender=None,
    ).booking
    return mails.stay_ended(reader, ended, TOWN_HALL, HALLS, unsubscribe=link("unsubscribe"))


def _terminated(reader: Reader) -> Message:
    over = ends.terminate(
        stays.entered(BAYS, EVENING),
        by=ATTENDANT,
        policy=BAYS.policy,
        reason="A water main has burst.",
        now=EVENING + timedelta(minutes=20),
    ).booking
    return endings.terminated(over, GARAGE, BAYS, invitation=invitation(reader, over.updated_at))


def still_there(reader: Reader) -> Message:
    """A guest of the hotel is asleep at eleven."""
    return notices.overstay(reader, stays.room(), HOTEL, ROOMS)
