"""Renders an example of every mail into docs/mails/: `make mails`.

In the files the QR picture stands inside the page; in a mail it is a part of its own.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.domain.bookings import confirmation, confirmation_steps, create, reschedule
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.promise import News
from chalicelib.domain.core import ids
from chalicelib.domain.core.access import SYSTEM, Actor, Role
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.domain.mail.message import Message
from chalicelib.domain.mail.operator import Operator
from chalicelib.domain.payments.tender import PaymentMethod, Tender
from chalicelib.domain.pricing.band import DEFAULT_BANDS
from chalicelib.domain.pricing.tariff import Tariff, Tax
from chalicelib.domain.realtime.webhook import Webhook
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone, default_policy
from chalicelib.domain.stays import check_in, check_out
from chalicelib.domain.waitlist import entry
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.domain.waitlist.queue import Wish
from chalicelib.gateways.tokens import Tokens
from chalicelib.rendering.mail import (
    changes,
    endings,
    groups,
    mails,
    notices,
    offers,
    reminders,
    sign_in_notices,
)
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.reader import Reader
from chalicelib.rendering.mail.reminders import Question

FOLDER = Path(__file__).parent / "mails"
SENDER = "no-reply@berth.example.com"
OPERATOR = Operator("Berth", "help@berth.example.com", "https://app.berth.example.com")

GARAGE = Site(
    slug="central",
    name="Central Garage",
    timezone="Asia/Kolkata",
    currency="INR",
    contact="desk@central.example",
    address="12 MG Road\nBengaluru 560001",
)
BAYS = Zone(
    zone_id="zone-a",
    site="central",
    name="Zone A",
    kind="parking",
    policy=Policy(auto_checkout_after=None),
    tariff=Tariff(
        "hourly",
        "INR",
        5000,
        booking_fee=5000,
        bands=DEFAULT_BANDS,
        tax=Tax(1800, parts=(("CGST", 5000), ("SGST", 5000))),
    ),
)
TIMED_BAYS = replace(
    BAYS,
    zone_id="zone-b",
    name="Zone B",
    policy=Policy(auto_checkout_after=60),
    tariff=Tariff("hourly", "INR", 7500, booking_fee=5000),
)
HOTEL = Site(
    slug="killarney",
    name="Killarney House",
    timezone="Europe/Dublin",
    currency="EUR",
    contact="+353 64 555 0100",
    colour="#14213d",
    address="Muckross Road\nKillarney",
)
COURTYARD = Zone(
    zone_id="courtyard",
    site="killarney",
    name="Courtyard",
    kind="parking",
    policy=Policy(auto_checkout_after=None),
    tariff=Tariff("hourly", "EUR", 250),
)
ROOMS = Zone(
    zone_id="rooms",
    site="killarney",
    name="Rooms",
    kind="room",
    policy=default_policy("room"),
    tariff=Tariff("nightly", "EUR", 12000, late_fee=2500),
)

TOWN_HALL = Site(
    slug="hall",
    name="Town Hall",
    timezone="Asia/Kolkata",
    currency="INR",
    contact="desk@hall.example",
    colour="#ffc72c",
    address="3 Park Street\nKolkata 700016",
)
HALLS = Zone(
    zone_id="halls",
    site="hall",
    name="Halls",
    kind="venue",
    policy=default_policy("venue"),
    tariff=Tariff("hourly", "INR", 0),
)

ASHA = Actor("US7Q2M9X4T", Role.USER)
ATTENDANT = Actor("USSTAFF001", Role.STAFF, frozenset({"central"}))
GROUP = "GR7Q2M9X4T1NG1QR00020"
EVENING = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)
CLOCKS_BACK = datetime(2026, 10, 24, 23, 15, tzinfo=UTC)
_TOKENS = Tokens({"example": b"for the examples alone, not a key"})


def examples(language: Language = "en") -> dict[str, Message]:
    """Every mail in a language, by the name of its files."""
    asha = Reader("asha@example.com", language, "Asha Rao", OPERATOR)
    desk = Reader("desk@example.com", language, operator=OPERATOR)
    evening = _booked(BAYS, EVENING, hours=4)
    tomorrow, next_week = EVENING + timedelta(days=1), EVENING + timedelta(days=7)
    return {
        "booking-confirmed": _confirmed(asha, evening, GARAGE, BAYS),
        "booking-confirmed-clock-change": _confirmed(
            asha, _booked(COURTYARD, CLOCKS_BACK, hours=3), HOTEL, COURTYARD
        ),
        "booking-confirmed-venue": _confirmed(asha, _hall(), TOWN_HALL, HALLS),
        "booking-confirmed-room": _confirmed(asha, _room(), HOTEL, ROOMS),
        "stay-ended": _ended(asha, _over_midnight(), GARAGE, BAYS),
        "stay-ended-auto": _ended(asha, _forgotten(), GARAGE, TIMED_BAYS),
        "stay-ended-room": _ended(asha, _checked_out(), HOTEL, ROOMS),
        "stay-over": _over(asha),
        "group-confirmed": _group(asha, _spaces(), GARAGE, BAYS),
        "series-confirmed": _group(asha, _series(), TOWN_HALL, HALLS),
        "group-cancelled": _group_cancelled(asha, _series()[1:]),
        "reminder": _reminder(asha, _hall()),
        "reminder-again": _asked_again(asha, _hall()),
        "auto-cancelled": _lapsed(asha, _hall()),
        "booking-cancelled": _cancelled(asha, _hall()),
        "booking-cancelled-own": _cancelled(asha, _hall(), "api", ASHA),
        "booking-cancelled-blackout": _cancelled(asha, _hall(), source="blackout"),
        "booking-moved": _moved(asha, _hall(), days=2, own=False),
        "booking-moved-own": _moved(asha, _hall(), days=2, own=True),
        "booking-shortened": _moved(asha, _hall(), minutes=-60, own=False),
        "booking-other-space": _other_space(asha),
        "booking-other-room": _other_room(asha),
        "booking-expired": _expired(asha),
        "stay-terminated": _terminated(asha),
        "address-corrected": _confirmed(asha, evening, GARAGE, BAYS, corrected=True),
        "pass-replaced": _new_pass(asha),
        "offer": _offered(asha),
        "offer-lapsed": _offer_lapsed(asha),
        "wait-ended": _wait_ended(asha),
        "wait-closed": _wait_closed(asha),
        "webhook-disabled": _switched_off(replace(desk, name="Meera Iyer")),
        "overstay": _still_there(desk),
        "verify-email": mails.verify_email(
            replace(asha, name=""), _link("verify_email"), until=next_week
        ),
        "reset-password": mails.reset_password(asha, _link("reset_password"), until=tomorrow),
        "address-taken": sign_in_notices.address_taken(
            replace(asha, name=""), _link("reset_password"), until=tomorrow
        ),
        "change-email": sign_in_notices.change_email(
            replace(asha, name=""), _link("change_email"), until=tomorrow
        ),
        "email-changing": sign_in_notices.email_changing(
            asha, _link("reset_password"), until=tomorrow
        ),
        "email-changed": sign_in_notices.email_changed(asha),
        "sign-in-locked": sign_in_notices.sign_in_locked(
            asha, _link("reset_password"), until=tomorrow
        ),
    }


def files() -> Iterator[tuple[Path, str]]:
    """What stands in docs/mails/, by language."""
    for language in LANGUAGES:
        for name, message in examples(language).items():
            yield FOLDER / language / f"{name}.txt", _head(message) + message.text
            yield FOLDER / language / f"{name}.html", _page(message)


def main() -> None:
    """Write the files."""
    for path, content in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def _head(message: Message) -> str:
    """The lines of the head that people see."""
    sender = f"From: {message.sender_name} <{SENDER}>\n"
    reply = f"Reply-To: {message.reply_to}\n" if message.reply_to else ""
    return f"{sender}{reply}Subject: {message.subject}\n\n"


def _page(message: Message) -> str:
    page = message.html
    for picture in message.inline:
        data = base64.b64encode(picture.content).decode()
        page = page.replace(f"cid:{picture.cid}", f"data:image/png;base64,{data}")
    return page


def _booked(zone: Zone, at: datetime, *, hours: int) -> Booking:
    return create.book(
        booking_id="BK7Q2M9X4T1NG1QR00005",
        user_id=ASHA.account_id,
        zone=zone,
        number="A-001",
        interval=Interval(at, at + timedelta(hours=hours)),
        sheets=(),
        by=ASHA,
        source="api",
        tz=GARAGE.tz,
        now=at - timedelta(minutes=25),
        details=BookingDetails("KA 01 AB 1234", "Asha Rao"),
    ).booking


def _entered(zone: Zone, at: datetime) -> Booking:
    booked = _booked(zone, at, hours=1)
    return check_in.check_in(
        booked, by=ATTENDANT, source="gate_entry", policy=zone.policy, sheets=(), now=at
    ).booking


def _over_midnight() -> Booking:
    """In at 17:40 with the fee paid, out at 00:20: three bands."""
    stay = replace(_entered(BAYS, EVENING), paid=5000)
    return check_out.check_out(
        stay,
        by=ATTENDANT,
        source="gate_exit",
        at=EVENING + timedelta(hours=6, minutes=40),
        tz=GARAGE.tz,
        policy=Policy(),
        entry_id="LE1",
        tender=Tender(PaymentMethod.CASH, Money(100000, "INR")),
    ).booking


def _forgotten() -> Booking:
    """Ended by itself after an hour, with the bill left due."""
    return check_out.check_out(
        _entered(TIMED_BAYS, EVENING),
        by=SYSTEM,
        source="auto_checkout",
        at=EVENING + timedelta(hours=1),
        tz=GARAGE.tz,
        policy=Policy(),
        entry_id="LE1",
        tender=None,
    ).booking


def _hall() -> Booking:
    """The big hall in a week, for a rehearsal."""
    return create.book(
        booking_id="BK7Q2M9X4T1NG1QR00006",
        user_id=ASHA.account_id,
        zone=HALLS,
        number="aula",
        interval=Interval(EVENING + timedelta(days=7), EVENING + timedelta(days=7, hours=3)),
        sheets=(),
        by=ASHA,
        source="api",
        tz=GARAGE.tz,
        now=EVENING,
        details=BookingDetails(owner_name="Asha Rao", purpose="Choir rehearsal"),
    ).booking


def _together(zone: Zone, number: str, interval: Interval, position: int) -> Booking:
    """One of several booked together."""
    return create.book(
        booking_id=ids.member_id(GROUP, position),
        user_id=ASHA.account_id,
        zone=zone,
        number=number,
        interval=interval,
        sheets=(),
        by=ASHA,
        source="api",
        tz=GARAGE.tz,
        now=EVENING,
        details=BookingDetails(owner_name="Asha Rao"),
        group_id=GROUP,
    ).booking


def _spaces() -> list[Booking]:
    """Three bays for one evening."""
    when = Interval(EVENING + timedelta(hours=1), EVENING + timedelta(hours=5))
    return [_together(BAYS, f"A-00{n + 3}", when, n) for n in range(3)]


def _series() -> list[Booking]:
    """The big hall on four Saturdays."""
    week, length = timedelta(weeks=1), timedelta(hours=3)
    starts = [EVENING + week * (n + 1) for n in range(4)]
    return [_together(HALLS, "aula", Interval(s, s + length), n) for n, s in enumerate(starts)]


def _group(reader: Reader, made: list[Booking], site: Site, zone: Zone) -> Message:
    return groups.group_confirmed(
        made, site, zone, code=_TOKENS.qr, invitation=_invitation(reader, EVENING)
    )


def _group_cancelled(reader: Reader, made: list[Booking]) -> Message:
    over = [
        booking.cancel(by=ATTENDANT, source="staff_api", reason="repairs", now=EVENING).booking
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
    over = booking.cancel(by=by, source=source, reason=why, now=now).booking
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
    booking = _booked(BAYS, EVENING, hours=4)
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
    booking = replace(_booked(BAYS, EVENING, hours=4), pass_issue=1)
    return changes.pass_replaced(reader, booking, GARAGE, BAYS, code=_TOKENS.qr(booking))


def _expired(reader: Reader) -> Message:
    """Nobody came, and the booking fee had been paid."""
    booking = replace(_booked(BAYS, EVENING, hours=4), paid=5000)
    over = booking.expire(by=SYSTEM, source="sweep", at=booking.booked.end).booking
    return endings.expired(over, GARAGE, BAYS, invitation=_invitation(reader, over.updated_at))


def _terminated(reader: Reader) -> Message:
    over = (
        _entered(BAYS, EVENING)
        .terminate(
            by=ATTENDANT,
            policy=BAYS.policy,
            reason="A water main has burst.",
            now=EVENING + timedelta(minutes=20),
        )
        .booking
    )
    return endings.terminated(over, GARAGE, BAYS, invitation=_invitation(reader, over.updated_at))


def _offer_lapsed(reader: Reader) -> Message:
    offered = _first_in_line()
    assert offered.lapses_at is not None
    [over] = offered.expire(at=offered.lapses_at).saves
    assert isinstance(over, Entry)
    return offers.lapsed(reader, over, TOWN_HALL, HALLS)


def _wait_ended(reader: Reader) -> Message:
    waiting = _waiting()
    [over] = waiting.expire(at=waiting.interval.start).saves
    assert isinstance(over, Entry)
    return offers.unserved(reader, over, TOWN_HALL, HALLS)


def _wait_closed(reader: Reader) -> Message:
    [over] = _waiting().end(at=EVENING + timedelta(days=1)).saves
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


def _room(number: str = "101") -> Booking:
    """Three nights of a guest whom the desk has booked."""
    arrival = EVENING.replace(day=23, hour=15, minute=0)
    nights = Interval(arrival, arrival + timedelta(days=2, hours=20))
    return create.book(
        booking_id="BK7Q2M9X4T1NG1QR00008",
        user_id=None,
        zone=ROOMS,
        number=number,
        interval=nights,
        sheets=(),
        by=ATTENDANT,
        source="staff_api",
        tz=HOTEL.tz,
        now=EVENING,
        details=BookingDetails(guests=(Guest("Asha Rao", "asha@example.com"),)),
    ).booking


def _checked_out() -> Booking:
    """The guest of the hotel has left in the morning."""
    booking = _room()
    stay = check_in.check_in(
        booking,
        by=ATTENDANT,
        source="staff_api",
        policy=ROOMS.policy,
        sheets=(),
        now=booking.booked.start + timedelta(hours=2, minutes=10),
    ).booking
    return check_out.check_out(
        stay,
        by=ATTENDANT,
        source="staff_api",
        at=booking.booked.end - timedelta(minutes=35),
        tz=HOTEL.tz,
        policy=ROOMS.policy,
        entry_id="LE1",
        tender=Tender(PaymentMethod.CASH, Money(36000, "EUR")),
    ).booking


def _other_room(reader: Reader) -> Message:
    booking = _room()
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
    return notices.overstay(reader, _room(), HOTEL, ROOMS)


def _offered(reader: Reader) -> Message:
    """The big hall has been given up, and Asha is first in line."""
    return offers.offer(
        reader,
        _first_in_line(),
        TOWN_HALL,
        HALLS,
        claim=_link("claim"),
        decline=_link("decline"),
        now=EVENING + timedelta(days=2, seconds=20),
    )


def _first_in_line() -> Entry:
    freed = EVENING + timedelta(days=2)
    [offered] = _waiting().offer("aula", policy=HALLS.policy, sheets=(), now=freed).saves
    assert isinstance(offered, Entry)
    return offered


def _waiting() -> Entry:
    joined = entry.join(
        entry_id="WL7Q2M9X4T1NG1QR00007",
        user_id=ASHA.account_id,
        site=HALLS.site,
        zone_id=HALLS.zone_id,
        wish=Wish(Interval(EVENING + timedelta(days=7), EVENING + timedelta(days=7, hours=3))),
        day="2026-11-28",
        paging=HALLS.paging,
        priority=0,
        favour="",
        policy=HALLS.policy,
        sheets=(),
        wishes=frozenset(),
        now=EVENING,
    )
    [waiting] = joined.saves
    assert isinstance(waiting, Entry)
    return waiting


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


def _ended(reader: Reader, booking: Booking, site: Site, zone: Zone) -> Message:
    return mails.stay_ended(reader, booking, site, zone)


def _over(reader: Reader) -> Message:
    """The rehearsal is over; the hall cost nothing."""
    hall = _hall()
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


if __name__ == "__main__":
    main()
