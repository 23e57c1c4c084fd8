"""Every mail to the guest of a hall says what the hall is for and whom to ask: the contact of the
site, otherwise that of the operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from chalicelib.domain.bookings import confirmation_steps, ends
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.promise import News
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.effect import MailName
from chalicelib.domain.mail.message import Message
from chalicelib.domain.mail.operator import Operator
from chalicelib.domain.sites.site import Site
from chalicelib.domain.stays import check_in, check_out
from chalicelib.rendering.mail import changes, endings, groups, mails, reminders
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.reader import Reader
from chalicelib.rendering.mail.reminders import Question
from tests import builders
from tests.clock import NOON

PURPOSE: Final = "Choir rehearsal"
OPERATOR: Final = Operator("Halls Ltd", "help@halls.example", "https://app.halls.example")
READER: Final = Reader("asha@example.com", "en", "Asha", OPERATOR)
INVITATION: Final = Invitation(READER, "berth@example.com", "berth.example.com", NOON)
HALLS: Final = builders.a_zone(
    name="Halls", kind="venue", policy=builders.VENUE, tariff=builders.FREE
)
START: Final = NOON + timedelta(days=2)
END: Final = START + timedelta(hours=1)


def _hall() -> Booking:
    return builders.a_booking(
        HALLS, number="aula", interval=builders.an_interval(START), vehicle_number=None,
        purpose=PURPOSE,
    )  # fmt: skip


def _entered() -> Booking:
    return check_in.check_in(
        _hall(), by=builders.ATTENDANT, source="staff_api", policy=HALLS.policy, sheets=(),
        now=START,
    ).booking  # fmt: skip


def _left() -> Booking:
    return check_out.check_out(
        _entered(), by=SYSTEM, source="auto_checkout", at=END, tz=builders.IST,
        policy=HALLS.policy, entry_id="LE1", tender=None,
    ).booking  # fmt: skip


def _cancelled() -> Booking:
    return ends.cancel(
        _hall(), by=builders.ATTENDANT, source="staff_api", reason="", now=NOON
    ).booking


def _terminated() -> Booking:
    return ends.terminate(_entered(), by=builders.ATTENDANT, policy=HALLS.policy, reason="smoke", now=END
    ).booking  # fmt: skip


def _given_up() -> Booking:
    at = START - timedelta(hours=2)
    return confirmation_steps.auto_cancel(
        _hall(), policy=HALLS.policy, source="sweep", at=at
    ).booking


def _moved(site: Site) -> Message:
    before, now = _hall(), replace(_hall(), number="annexe")
    news = News(now.version, NOON, before.promise, own=False)
    return changes.booking_changed(now, site, HALLS, news, code="BERTH1", invitation=INVITATION)


QUESTION: Final = Question("https://b/l/1", "https://b/l/2", NOON)

MAILS: Final[Mapping[MailName, Callable[[Site], Message]]] = {
    "booking_confirmed": lambda site: mails.booking_confirmed(
        _hall(), site, HALLS, code="BERTH1", invitation=INVITATION
    ),
    "reminder": lambda site: reminders.reminder(
        _hall(), site, HALLS, question=QUESTION, invitation=INVITATION
    ),
    "auto_cancelled": lambda site: endings.cancelled(
        _given_up(), site, HALLS, invitation=INVITATION
    ),
    "booking_cancelled": lambda site: endings.cancelled(
        _cancelled(), site, HALLS, invitation=INVITATION
    ),
    "stay_ended": lambda site: mails.stay_ended(READER, _left(), site, HALLS),
    "booking_changed": _moved,
    "booking_expired": lambda site: endings.expired(
        ends.expire(_hall(), by=SYSTEM, source="sweep", at=END).booking, site, HALLS,
        invitation=INVITATION,
    ),
    "stay_terminated": lambda site: endings.terminated(
        _terminated(), site, HALLS, invitation=INVITATION
    ),
    "pass_replaced": lambda site: changes.pass_replaced(
        READER, _hall(), site, HALLS, code="BERTH1"
    ),
    "group_confirmed": lambda site: groups.group_confirmed(
        [_hall(), _hall()], site, HALLS, code=lambda _: "BERTH1", invitation=INVITATION
    ),
    "group_cancelled": lambda site: groups.group_cancelled(
        [_cancelled(), _cancelled()], site, HALLS, invitation=INVITATION
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MAILS)
@pytest.mark.parametrize(
    ("contact", "line", "reply_to"),
    [
        ("desk@aula.example", "Contact Aula: desk@aula.example", "desk@aula.example"),
        ("+91 80 5550 0100", "Contact Aula: +91 80 5550 0100", "help@halls.example"),
        (None, "Contact us: help@halls.example", "help@halls.example"),
    ],
)
def test_a_mail_to_the_guest_of_a_hall_says_what_for_and_whom_to_ask(
    name: MailName, contact: str | None, line: str, reply_to: str
) -> None:
    mail = MAILS[name](builders.a_site(name="Aula", contact=contact))
    said = " ".join(mail.text.split())
    assert f"Purpose {PURPOSE}" in said
    assert f"Questions? {line}" in said
    assert mail.reply_to == reply_to
    assert PURPOSE in mail.html
