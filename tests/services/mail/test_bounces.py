"""Bounces and complaints, as SES reports them to the function that handles mail events."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import sweeps, wiring
from chalicelib.domain.accounts.mailbox import Mailbox, id_of
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.effect import id_in, mail
from chalicelib.services.bookings import bookings, confirmations, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import SweepReport
from chalicelib.store.mailboxes import Mailboxes
from local.engine import Embedded
from tests.batches import post, sweep
from tests.clock import NOON, Clock
from tests.fake_mailer import FakeMailer
from tests.ses import ADDRESS, DIALECTS, Dialect, bounce, complaint
from tests.world import World

HOUR = timedelta(hours=1)
START = NOON + 48 * HOUR
Tell = Callable[[str], None]


@pytest.fixture
def tell(deps: Deps) -> Tell:
    """Hand a message of SES to the function, as SNS does."""

    def once(message: str) -> None:
        with Client(app) as client:
            client.lambda_.invoke("mail_events", client.events.generate_sns_event(message))

    return once


@pytest.fixture
def asked(world: World, deliver: Callable[[], list[Any]], clock: Clock) -> Callable[..., Booking]:
    """A hall whose reminder left a moment ago, a day before its start."""

    def hall(**wishes: Any) -> Booking:
        booking = world.book_hall(number="A-001", **wishes)
        deliver()
        clock.set(START - 24 * HOUR)
        sweeps.run(world.deps, "reminders")
        deliver()
        return booking

    return hall


def the_reminder(booking: Booking) -> str:
    return id_in("EF1", mail("reminder", booking.booking_id))


def box(deps: Deps, address: str = ADDRESS) -> Mailbox:
    return deps.mailboxes.get(id_of(address))


# -- the reminder


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_reminder_that_bounced_never_leads_to_an_auto_cancel_and_staff_are_told(
    world: World, asked: Callable[..., Booking], tell: Tell, clock: Clock, dialect: Dialect
) -> None:
    booking = asked()
    assert world.read(booking).deadline is not None
    clock.move(minutes=3)
    tell(bounce(the_reminder(booking), dialect=dialect, at=clock.now()))
    told = world.read(booking).timeline[-1]
    assert (told.what, told.note, told.at, told.source) == (
        "reminder_failed", "The mail bounced.", clock.now(), "outbox",
    )  # fmt: skip
    assert box(world.deps).bounced_at == clock.now()
    clock.set(START - HOUR)
    assert sweeps.run(world.deps, "auto-cancel").due == 0
    assert bookings.get(world.deps, world.user, booking.booking_id).status is Status.BOOKED


def test_the_mail_that_left_names_its_effect_as_ses_gives_it_back(
    aws: Embedded, world: World, asked: Callable[..., Booking], tell: Tell
) -> None:
    booking = asked()
    named = re.search(r"^X-Berth-Effect: (\S+)\r?$", aws.sent_mails()[-1].raw, re.MULTILINE)
    assert named is not None
    tell(bounce(named[1]))
    assert world.read(booking).timeline[-1].what == "reminder_failed"


def test_told_twice_it_is_told_once(
    world: World, asked: Callable[..., Booking], tell: Tell
) -> None:
    booking = asked()
    tell(bounce(the_reminder(booking)))
    before = world.read(booking), box(world.deps)
    tell(bounce(the_reminder(booking)))
    assert (world.read(booking), box(world.deps)) == before


def test_word_that_comes_before_its_mail_is_written_back_counts_too(
    world: World, tell: Tell, clock: Clock
) -> None:
    booking = world.book_hall()
    clock.set(START - 24 * HOUR)
    sweeps.run(world.deps, "reminders")
    tell(bounce(the_reminder(booking)))
    confirmations.reminder_left(world.deps, booking.booking_id)
    clock.set(START - HOUR)
    assert sweeps.run(world.deps, "auto-cancel").due == 0


def test_a_guest_whose_reminder_bounced_can_still_be_confirmed_by_staff(
    world: World, asked: Callable[..., Booking], tell: Tell
) -> None:
    booking = asked()
    tell(bounce(the_reminder(booking)))
    confirmations.confirm(world.deps, world.staff, booking.booking_id)
    assert world.read(booking).confirmed_at is not None


@pytest.mark.parametrize("what", ["confirmed", "cancelled", "moved", "given up"])
def test_a_bounce_after_the_answer_changes_nothing_of_the_booking(
    world: World, asked: Callable[..., Booking], tell: Tell, clock: Clock, what: str
) -> None:
    booking = asked()

    def give_up() -> None:
        clock.set(START - HOUR)
        sweeps.run(world.deps, "auto-cancel")

    answers: dict[str, Callable[[], object]] = {
        "confirmed": lambda: confirmations.confirm(world.deps, world.user, booking.booking_id),
        "cancelled": lambda: bookings.cancel(world.deps, world.user, booking.booking_id),
        "moved": lambda: reschedule.modify(
            world.deps, world.user, booking.booking_id, BookingEdit(start=START + 72 * HOUR)
        ),
        "given up": give_up,
    }
    answers[what]()
    before = world.read(booking)
    tell(bounce(the_reminder(booking)))
    assert world.read(booking) == before
    assert box(world.deps).bounced_at is not None


def test_a_full_mailbox_lost_this_reminder_and_takes_the_next_mail(
    world: World, asked: Callable[..., Booking], tell: Tell
) -> None:
    booking = asked()
    tell(bounce(the_reminder(booking), kind="Transient", subtype="MailboxFull"))
    assert world.read(booking).timeline[-1].what == "reminder_failed"
    assert box(world.deps) == Mailbox(id_of(ADDRESS))


def test_a_note_of_absence_changes_nothing(
    world: World, asked: Callable[..., Booking], tell: Tell
) -> None:
    booking = asked()
    before = world.read(booking)
    tell(bounce(the_reminder(booking), kind="Transient"))
    assert (world.read(booking), box(world.deps)) == (before, Mailbox(id_of(ADDRESS)))


def test_a_complaint_about_a_reminder_leaves_the_booking_waiting_for_its_answer(
    world: World, asked: Callable[..., Booking], tell: Tell, clock: Clock
) -> None:
    booking = asked()
    before = world.read(booking)
    tell(complaint(the_reminder(booking)))
    assert world.read(booking) == before
    assert box(world.deps).unsubscribed_at == clock.now()


def test_a_reminder_held_back_after_a_complaint_was_never_read(
    world: World, asked: Callable[..., Booking], tell: Tell
) -> None:
    booking = asked()
    tell(complaint(the_reminder(booking), subtype="OnAccountSuppressionList"))
    told = world.read(booking).timeline[-1]
    assert (told.what, told.note) == ("reminder_failed", "The mail service held it back.")


# -- nothing to do


@pytest.mark.parametrize(
    "message",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "{}",
        json.dumps({"eventType": "Bounce"}),
        json.dumps({"eventType": "Delivery", "mail": {}}),
        bounce("EF1-reminder-BK000000001NG1QR00005", to="stranger@example.com"),
        bounce("EF1-reminder-nonsense"),
        bounce("EF1-verify_email-US00000000"),
        complaint(None, to="stranger@example.com"),
    ],
    ids=["not-json", "empty", "cut-short", "delivery", "unknown-booking", "no-booking",
         "unknown-account", "unknown-reader"],
)  # fmt: skip
def test_what_is_about_nothing_of_ours_changes_no_booking_and_breaks_nothing(
    world: World, asked: Callable[..., Booking], tell: Tell, message: str
) -> None:
    booking = asked()
    before = world.read(booking)
    for _ in range(2):
        tell(message)
    assert world.read(booking) == before


def test_what_is_not_understood_leaves_a_line_in_the_log_and_no_address_does(
    tell: Tell, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    tell("{")
    tell(bounce("EF1-reminder-BK000000001NG1QR00005"))
    lines = [(line["level"], line["event"]) for line in logged()]
    assert lines == [("WARNING", "mail event not understood"), ("INFO", "mail event")]
    assert "@" not in json.dumps(logged())


# -- the next mail


def test_where_mail_has_bounced_none_goes_any_more_and_who_waits_for_it_is_told(
    world: World, office: Deps, mailer: FakeMailer, tell: Tell, clock: Clock
) -> None:
    booking = world.book_hall()
    clock.move(minutes=2)
    sweep(office)
    tell(bounce())
    clock.set(START - 24 * HOUR)
    sweeps.run(world.deps, "reminders")
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, failed=1, parked=1)
    assert len(mailer.sent) == 1
    told = world.read(booking).timeline[-1]
    assert told.what == "reminder_failed"
    assert told.note == "undeliverable: mail to this address has bounced"
    (parked,) = office.outbox.parked(1)
    assert parked.effects == (effect.mail("reminder", booking.booking_id),)


def test_others_are_written_to_as_before(
    world: World, office: Deps, mailer: FakeMailer, tell: Tell, clock: Clock
) -> None:
    tell(bounce())
    world.book(world.other)
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, done=1)
    assert mailer.recipients == ["user2@example.com"]


def test_the_case_of_an_address_does_not_matter(
    world: World, office: Deps, mailer: FakeMailer, tell: Tell, clock: Clock
) -> None:
    tell(bounce(to="User1@Example.COM"))
    world.book()
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, failed=1, parked=1)


def test_after_a_complaint_what_is_needed_still_comes_and_what_is_optional_is_dropped(
    world: World, office: Deps, mailer: FakeMailer, tell: Tell, clock: Clock
) -> None:
    booking = world.book()
    tell(complaint())
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, done=1)
    world.leave(world.enter(booking), "500")
    post(office, effect.mail("stay_over", booking.booking_id))
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=2, done=2)
    assert [message.subject.split()[0] for message in mailer.sent] == ["Booked:", "Your"]


def test_an_address_is_nowhere_in_the_table_in_plain_text(
    aws: Embedded, deps: Deps, tell: Tell
) -> None:
    tell(bounce(to="asha@example.com"))
    tell(complaint(to="asha@example.com"))
    items = aws.client("dynamodb").scan(TableName=deps.settings.tables["accounts"])["Items"]
    assert len(items) == 1
    assert "asha" not in json.dumps(items)


def test_a_table_that_is_busy_makes_the_function_fail_so_that_lambda_tries_again(
    deps: Deps, tell: Tell
) -> None:
    class Busy(Mailboxes):
        def get(self, mailbox_id: str) -> Mailbox:
            raise errors.Unavailable(retry_after=1)

    wiring.use(replace(deps, mailboxes=Busy()))
    with pytest.raises(errors.Unavailable):
        tell(bounce())
