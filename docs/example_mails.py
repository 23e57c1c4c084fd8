"""An example of every mail, made by the rules and the templates that make the real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.bookings import confirmation, confirmation_steps, ends, reschedule
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.promise import News
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.languages import Language
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.domain.mail.message import Message
from chalicelib.domain.mail.operator import Operator
from chalicelib.domain.realtime.webhook import Webhook
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.stays import check_out
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.gateways.tokens import Tokens
from chalicelib.rendering.mail import (
    changes,
    endings,
    groups,
    mails,
    notices,
    offers,
    payments,
    reminders,
    sign_in_notices,
)
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.reader import Reader
from chalicelib.rendering.mail.reminders import Question
from docs import example_stays as stays
from docs.example_stays import (
    ASHA,
    ATTENDANT,
    BAYS,
    CLOCKS_BACK,
    COURTYARD,
    EVENING,
    GARAGE,
    HALLS,
    HOTEL,
    ROOMS,
    TIMED_BAYS,
    TOWN_HALL,
)

SENDER = "no-reply@berth.example.com"
OPERATOR = Operator("Berth", "help@berth.example.com", "https://app.berth.example.com")
_TOKENS = Tokens({"example": b"for the examples alone, not a key"})


def examples(language: Language = "en") -> dict[str, Message]:
    """Every mail in a language, by the name of its files."""
    asha = Reader("asha@example.com", language, "Asha Rao", OPERATOR)
    desk = Reader("desk@example.com", language, operator=OPERATOR)
    return {
        **_of_bookings(asha),
        **_of_changes(asha),
        **_of_stays(asha),
        **_of_offers(asha),
        **_of_accounts(asha),
        "webhook-disabled": _switched_off(replace(desk, name="Meera Iyer")),
        "overstay": _still_there(desk),
    }


def _of_bookings(asha: Reader) -> dict[str, Message]:
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


def _of_changes(asha: Reader) -> dict[str, Message]:
    return {
        "booking-moved": _moved(asha, stays.hall(), days=2, own=False),
        "booking-moved-own": _moved(asha, stays.hall(), days=2, own=True),
        "booking-shortened": _moved(asha, stays.hall(), minutes=-60, own=False),
        "booking-other-space": _other_space(asha),
        "booking-other-room": _other_room(asha),
        "pass-replaced": _new_pass(asha),
        "group-cancelled": _group_cancelled(asha, stays.series()[1:]),
        "auto-cancelled": _lapsed(asha, stays.hall()),
        "booking-cancelled": _cancelled(asha, stays.hall()),
        "booking-cancelled-own": _cancelled(asha, stays.hall(), "api", ASHA),
        "booking-cancelled-blackout": _cancelled(asha, stays.hall(), source="blackout"),
        "booking-expired": _expired(asha),
        "payment-returned": _payment_returned(asha),
    }


def _of_stays(asha: Reader) -> dict[str, Message]:
    return {
        "stay-ended": mails.stay_ended(asha, stays.over_midnight(), GARAGE, BAYS),
        "stay-ended-auto": mails.stay_ended(asha, stays.forgotten(), GARAGE, TIMED_BAYS),
        "stay-ended-room": mails.stay_ended(asha, stays.checked_out(), HOTEL, ROOMS),
        "stay-over": _over(asha),
        "stay-terminated": _terminated(asha),
    }


def _of_offers(asha: Reader) -> dict[str, Message]:
    return {
        "offer": _offered(asha),
        "offer-lapsed": _offer_lapsed(asha),
        "wait-ended": _wait_ended(asha),
        "wait-closed": _wait_closed(asha),
    }


def _of_accounts(asha: Reader) -> dict[str, Message]:
    nameless, reset = replace(asha, name=""), _link("reset_password")
    tomorrow, next_week = EVENING + timedelta(days=1), EVENING + timedelta(days=7)
    return {
        "verify-email": mails.verify_email(nameless, _link("verify_email"), until=next_week),
        "reset-password": mails.reset_password(asha, reset, until=tomorrow),
        "address-taken": sign_in_notices.address_taken(nameless, reset, until=tomorrow),
        "change-email": sign_in_notices.change_email(
            nameless, _link("change_email"), until=tomorrow
        ),
        "email-changing": sign_in_notices.email_changing(asha, reset, until=tomorrow),
        "email-changed": sign_in_notices.email_changed(asha),
        "sign-in-locked": sign_in_notices.sign_in_locked(asha, reset, until=tomorrow),
    }


def _group(reader: Reader, made: list[Booking], site: Site, zone: Zone) -> Message:
    return groups.group_confirmed(
        made, site, zone, code=_TOKENS.qr, invitation=_invitation(reader, EVENING)
    )


def _group_cancelled(reader: Reader, made: list[Booking]) -> Message:
    over = [
        ends.cancel(
            booking, by=ATTENDANT, source="staff_api", reason="repairs", now=EVENING
        ).booking
        for booking in made
    ]
    return groups.group_cancelled(over, TOWN_HALL, HALLS, invitation=_invitation(reader, EVENING))


def _reminder(reader: Reader, booking: Booking) -> Message:
    due = booking.booked.start - timedelta(hours=24)
    asked = confirmation_steps.remind(booking, policy=HALLS.policy, source="sweep", now=due).booking
    return reminders.reminder(
        asked,
        TOWN_HALL,
        HALLS,
        question=_question(booking, due),
        invitation=_invitation(reader, due),
    )


def _asked_again(reader: Reader, booking: Booking) -> Message:
    """The confirmation that staff send again while the answer to the reminder is awaited."""
    due = booking.booked.start - timedelta(hours=24)
    return mails.booking_confirmed(
        booking,
        TOWN_HALL,
        HALLS,
        code=_TOKENS.qr(booking),
        invitation=_invitation(reader, due + timedelta(hours=3)),
        question=_question(booking, due),
    )


def _question(booking: Booking, sent_at: datetime) -> Question:
    until = confirmation.auto_cancel_at(booking.booked.start, sent_at, HALLS.policy)
    return Question(_link("confirm"), _link("cancel"), until)


def _lapsed(reader: Reader, booking: Booking) -> Message:
    at = booking.booked.start - timedelta(hours=2)
    over = confirmation_steps.auto_cancel(
        booking, policy=HALLS.policy, source="sweep", at=at
    ).booking
    return endings.cancelled(over, TOWN_HALL, HALLS, invitation=_invitation(reader, at))


def _invitation(reader: Reader, now: datetime) -> Invitation:
    """From the garage, the hall or the hotel to a guest."""
    return Invitation(reader, SENDER, "berth.example.com", now)


def _cancelled(
    reader: Reader, booking: Booking, source: Source = "staff_api", by: Actor = ATTENDANT
) -> Message:
    now = booking.booked.start - timedelta(days=2)
    why = "The floor is polished"
    over = ends.cancel(booking, by=by, source=source, reason=why, now=now).booking
    return endings.cancelled(over, TOWN_HALL, HALLS, invitation=_invitation(reader, now))


def _changed(
    reader: Reader, after: Booking, before: Booking, site: Site, zone: Zone, *, own: bool
) -> Message:
    news = News(after.version, after.updated_at, before.promise, own=own)
    return changes.booking_changed(
        after,
        site,
        zone,
        news,
        code=_TOKENS.qr(after),
        invitation=_invitation(reader, after.updated_at),
    )


def _moved(
    reader: Reader, booking: Booking, *, days: int = 0, minutes: int = 0, own: bool
) -> Message:
    """The hall on another day, or for another length."""
    start = booking.booked.start + timedelta(days=days)
    length = booking.booked.end - booking.booked.start + timedelta(minutes=minutes)
    moved = reschedule.move(
        booking,
        Interval(start, start + length),
        by=ASHA if own else ATTENDANT,
        source="api" if own else "staff_api",
        policy=HALLS.policy,
        tz=TOWN_HALL.tz,
        sheets=(),
        now=EVENING + timedelta(days=1),
    ).booking
    return _changed(reader, moved, booking, TOWN_HALL, HALLS, own=own)


def _other_space(reader: Reader) -> Message:
    booking = stays.booked(BAYS, EVENING, hours=4)
    assigned = reschedule.assign(
        booking,
        "A-017",
        by=ATTENDANT,
        source="staff_api",
        sheets=(),
        now=EVENING - timedelta(minutes=20),
    ).booking
    return _changed(reader, assigned, booking, GARAGE, BAYS, own=False)


def _new_pass(reader: Reader) -> Message:
    booking = replace(stays.booked(BAYS, EVENING, hours=4), pass_issue=1)
    return changes.pass_replaced(reader, booking, GARAGE, BAYS, code=_TOKENS.qr(booking))


def _expired(reader: Reader) -> Message:
    """Nobody came, and the booking fee had been paid."""
    booking = replace(stays.booked(BAYS, EVENING, hours=4), paid=5000)
    over = ends.expire(booking, by=SYSTEM, source="sweep", at=booking.booked.end).booking
    return endings.expired(over, GARAGE, BAYS, invitation=_invitation(reader, over.updated_at))


def _payment_returned(reader: Reader) -> Message:
    """The fee was paid after the hold had lapsed, and the space had gone to another guest."""
    over = stays.paid_too_late()
    return payments.returned(reader, over, over.payments[0], GARAGE, BAYS)


def _terminated(reader: Reader) -> Message:
    over = ends.terminate(
        stays.entered(BAYS, EVENING),
        by=ATTENDANT,
        policy=BAYS.policy,
        reason="A water main has burst.",
        now=EVENING + timedelta(minutes=20),
    ).booking
    return endings.terminated(over, GARAGE, BAYS, invitation=_invitation(reader, over.updated_at))


def _offer_lapsed(reader: Reader) -> Message:
    offered = stays.first_in_line()
    assert offered.lapses_at is not None
    [over] = offered.expire(at=offered.lapses_at).saves
    assert isinstance(over, Entry)
    return offers.lapsed(reader, over, TOWN_HALL, HALLS)


def _wait_ended(reader: Reader) -> Message:
    waiting = stays.waiting()
    [over] = waiting.expire(at=waiting.interval.start).saves
    assert isinstance(over, Entry)
    return offers.unserved(reader, over, TOWN_HALL, HALLS)


def _wait_closed(reader: Reader) -> Message:
    [over] = stays.waiting().end(at=EVENING + timedelta(days=1)).saves
    assert isinstance(over, Entry)
    return offers.unserved(reader, over, TOWN_HALL, HALLS)


def _switched_off(reader: Reader) -> Message:
    """Nobody has taken a call for three days."""
    hook = Webhook(
        webhook_id="hall.WH7Q2M9X4T1NG1QR00009",
        site=TOWN_HALL.slug,
        url="https://doors.example.com/berth?key=1",
        events=("booking-updated",),
        secret="",
        created_at=EVENING,
        failures=31,
        failing_since=EVENING,
        disabled_at=EVENING + timedelta(days=3, minutes=7),
        active=False,
    )
    return notices.webhook_disabled(reader, hook, TOWN_HALL)


def _other_room(reader: Reader) -> Message:
    booking = stays.room()
    assigned = reschedule.assign(
        booking,
        "204",
        by=ATTENDANT,
        source="staff_api",
        sheets=(),
        now=booking.booked.start - timedelta(days=1),
    ).booking
    return _changed(reader, assigned, booking, HOTEL, ROOMS, own=False)


def _still_there(reader: Reader) -> Message:
    """A guest of the hotel is asleep at eleven."""
    return notices.overstay(reader, stays.room(), HOTEL, ROOMS)


def _offered(reader: Reader) -> Message:
    """The big hall has been given up, and Asha is first in line."""
    return offers.offer(
        reader,
        stays.first_in_line(),
        TOWN_HALL,
        HALLS,
        claim=_link("claim"),
        decline=_link("decline"),
        now=EVENING + timedelta(days=2, seconds=20),
    )


def _confirmed(
    reader: Reader, booking: Booking, site: Site, zone: Zone, *, corrected: bool = False
) -> Message:
    return mails.booking_confirmed(
        booking,
        site,
        zone,
        code=_TOKENS.qr(booking),
        invitation=_invitation(reader, booking.created_at),
        corrected=corrected,
    )


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
    return mails.stay_ended(reader, ended, TOWN_HALL, HALLS, unsubscribe=_link("unsubscribe"))


def _link(purpose: LinkPurpose) -> str:
    """A link as long as they are."""
    token = _TOKENS.link(purpose, "BK7Q2M9X4T1NG1QR00006", 0, EVENING + timedelta(days=7))
    return f"https://berth.example.com/l/{token}"
