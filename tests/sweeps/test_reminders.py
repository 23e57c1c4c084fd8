"""The chain from reminder to auto-cancel, as the sweeps carry it out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import DetailsEdit, Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.mail.message import Undeliverable
from chalicelib.services.bookings import availability, bookings, confirmations, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.core.deps import Deps
from chalicelib.store.booking_item import BookingItem
from local.capacity_units import TABLE
from local.metering import Meter
from tests import batches, builders
from tests.clock import NOON, Clock
from tests.fake_mailer import FakeMailer
from tests.world import World

HOUR = timedelta(hours=1)
START = NOON + 48 * HOUR


@pytest.fixture
def office() -> FakeMailer:
    return FakeMailer()


@pytest.fixture
def here(world: World, office: FakeMailer) -> Deps:
    return dataclasses.replace(world.deps, mailer=office)


@pytest.fixture
def send(here: Deps, clock: Clock) -> Callable[[], None]:
    """Deliver what waits, a little later, when the stream has had its time."""

    def once() -> None:
        batches.sweep(dataclasses.replace(here, now=lambda: clock.now() + timedelta(minutes=2)))

    return once


def reminders(office: FakeMailer) -> list[str]:
    return [mail.to for mail in office.sent if mail.subject.startswith("Reminder:")]


def test_nothing_is_sent_a_second_too_early_and_one_mail_in_time(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock
) -> None:
    booking = world.book_hall()
    clock.move(hours=23, minutes=59, seconds=59)
    assert sweeps.run(here, "reminders").due == 0
    clock.move(seconds=1)
    assert sweeps.run(here, "reminders").done == 1
    assert sweeps.run(here, "reminders").due == 0
    send()
    assert reminders(office) == ["user1@example.com"]
    mail = office.sent[-1]
    assert mail.attachments[0].filename == f"{booking.booking_id}.ics"
    assert mail.text.count("https://berth.example.com/l/") == 2


def test_the_mail_that_left_starts_the_wait_for_an_answer(
    world: World, here: Deps, send: Callable[[], None], clock: Clock
) -> None:
    booking = world.book_hall()
    clock.move(hours=24)
    sweeps.run(here, "reminders")
    clock.move(hours=22)
    assert sweeps.run(here, "auto-cancel").due == 0  # the mail still waits
    send()
    assert world.read(booking).deadline is not None
    clock.move(hours=1)
    assert sweeps.run(here, "auto-cancel").due == 0  # less than an hour since it left
    clock.move(minutes=2)
    assert sweeps.run(here, "auto-cancel").done == 1
    assert world.read(booking).status is Status.CANCELLED


def asked(world: World, here: Deps, send: Callable[[], None], clock: Clock) -> Booking:
    """A hall whose reminder has left in time; it is two hours before the start."""
    booking = world.book_hall(number="A-001")
    clock.move(hours=24)
    sweeps.run(here, "reminders")
    send()
    clock.move(hours=22)
    return booking


def test_what_nobody_confirms_is_given_up_two_hours_before_and_free_at_once(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock
) -> None:
    booking = asked(world, here, send, clock)
    assert sweeps.run(here, "auto-cancel").done == 1
    over = world.read(booking)
    assert over.auto_cancel is not None
    assert (over.status, over.auto_cancel.at) == (Status.CANCELLED, START - 2 * HOUR)
    assert world.book(world.other, "halls", number="A-001", start=START).status is Status.BOOKED
    send()
    (mail,) = [mail for mail in office.sent if mail.subject.startswith("Auto-cancelled:")]
    assert b"METHOD:CANCEL" in mail.attachments[0].content
    assert "because it was not confirmed by" in " ".join(mail.text.split())


def test_what_was_given_up_can_be_had_at_once_even_if_no_sweep_has_run(
    world: World, here: Deps, send: Callable[[], None], clock: Clock
) -> None:
    asked(world, here, send, clock)
    clock.move(seconds=-1)
    with pytest.raises(errors.SpaceTaken):
        world.book(world.other, "halls", number="A-001", start=START)
    clock.move(seconds=1)
    assert availability.of_interval(here, "halls", start=START, end=START + HOUR).free == (
        "A-001", "A-002",
    )  # fmt: skip
    assert world.book(world.other, "halls", number="A-001", start=START).status is Status.BOOKED


def test_the_sequence_of_the_calendar_files_rises_and_their_uid_stays(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock
) -> None:
    world.book_hall()
    send()
    clock.move(hours=24)
    sweeps.run(here, "reminders")
    send()
    clock.move(hours=22)
    sweeps.run(here, "auto-cancel")
    send()
    files = [mail.attachments[0].content.decode() for mail in office.sent if mail.attachments]
    sequences = [int(f.split("SEQUENCE:")[1].split()[0]) for f in files]
    assert len(files) == 3
    assert sequences == sorted(set(sequences))
    assert len({f.split("UID:")[1].split()[0] for f in files}) == 1


def test_what_was_confirmed_is_kept(
    world: World, here: Deps, send: Callable[[], None], clock: Clock
) -> None:
    booking = asked(world, here, send, clock)
    clock.move(seconds=-1)
    confirmations.confirm(here, world.user, booking.booking_id)
    clock.move(hours=1)
    assert sweeps.run(here, "auto-cancel").due == 0
    assert world.read(booking).status is Status.BOOKED


def test_at_the_very_instant_of_the_auto_cancel_it_is_too_late_to_confirm(
    world: World, here: Deps, send: Callable[[], None], clock: Clock
) -> None:
    booking = asked(world, here, send, clock)
    with pytest.raises(errors.AlreadyEnded):
        confirmations.confirm(here, world.user, booking.booking_id)
    assert world.read(booking).status is Status.CANCELLED


def test_a_run_on_the_very_last_booking_that_is_read_first_sends_no_second_reminder(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock
) -> None:
    booking = world.book_hall()
    clock.move(hours=24)
    for _ in range(3):
        bookings.get(here, world.user, booking.booking_id)
    assert sweeps.run(here, "reminders").due == 0
    send()
    bookings.get(here, world.user, booking.booking_id)
    send()
    assert len(reminders(office)) == 1


@pytest.mark.parametrize(
    ("back_before", "mails", "given_up"),
    [
        (10 * HOUR, 1, START - 2 * HOUR),  # 14 hours late
        (2 * HOUR, 1, START - HOUR + timedelta(minutes=2)),  # an hour after the mail left
        (HOUR, 1, None),  # the answer would come too late: it stands
        (-6 * HOUR, 0, None),  # 30 hours late: it has begun
    ],
)
def test_after_an_outage_everything_is_caught_up_in_order(
    back_before: timedelta, mails: int, given_up: datetime | None,
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock,
) -> None:  # fmt: skip
    booking = world.book_hall(minutes=600)
    clock.set(START - back_before)
    for name in ("auto-cancel", "reminders", "auto-checkout"):
        sweeps.run(here, name)
    send()
    assert len(reminders(office)) == mails
    clock.set(START - timedelta(seconds=1) if back_before > timedelta(0) else clock.now())
    sweeps.run(here, "auto-cancel")
    stored = world.read(booking)
    assert (stored.auto_cancel.at if stored.auto_cancel else None) == given_up


@pytest.mark.parametrize(
    "start",
    [
        datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # Dublin: half an hour before the clocks leap
        datetime(2027, 3, 28, 11, 0, tzinfo=UTC),  # and after
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the first 01:30
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # the second
        datetime(2026, 11, 23, 0, 0, tzinfo=UTC),  # midnight
    ],
)
def test_midnight_and_clock_changes_make_no_difference(
    start: datetime, world: World, here: Deps, send: Callable[[], None], clock: Clock
) -> None:
    world.add_site("dublin", timezone="Europe/Dublin", currency="EUR")
    world.add_zone(
        "ballroom", builders.VENUE, kind="venue", site="dublin",
        tariff=dataclasses.replace(builders.FREE, currency="EUR"),
    )  # fmt: skip
    clock.set(start - timedelta(days=3))
    booking = world.book(zone="ballroom", start=start, minutes=60)
    clock.set(start - 24 * HOUR)
    assert sweeps.run(here, "reminders").done == 1
    send()
    clock.set(start - 2 * HOUR - timedelta(seconds=1))
    assert sweeps.run(here, "auto-cancel").due == 0
    clock.move(seconds=1)
    assert sweeps.run(here, "auto-cancel").done == 1
    assert world.read(booking).status is Status.CANCELLED


# -- what changes while the mail is on its way


def _confirmed(deps: Deps, world: World, booking: Booking) -> Any:
    return confirmations.confirm(deps, world.user, booking.booking_id)


def _cancelled(deps: Deps, world: World, booking: Booking) -> Any:
    return bookings.cancel(deps, world.user, booking.booking_id)


def _moved(deps: Deps, world: World, booking: Booking) -> Any:
    later = BookingEdit(start=START + 72 * HOUR)
    return reschedule.modify(deps, world.user, booking.booking_id, later)


@pytest.mark.parametrize("step", [_confirmed, _cancelled, _moved])
def test_no_reminder_for_what_was_confirmed_cancelled_or_moved_meanwhile(
    step: Callable[[Deps, World, Booking], Any],
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock,
) -> None:  # fmt: skip
    booking = world.book_hall()
    clock.move(hours=24)
    sweeps.run(here, "reminders")
    step(here, world, booking)
    send()
    assert reminders(office) == []


def test_no_reminder_for_what_has_begun_meanwhile(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock
) -> None:
    world.book_hall()
    clock.move(hours=24)
    sweeps.run(here, "reminders")
    clock.move(hours=24)
    send()
    assert reminders(office) == []


def test_a_booking_moved_after_its_reminder_is_asked_about_the_new_time(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock
) -> None:
    booking = asked(world, here, send, clock)
    clock.move(hours=-1)
    _moved(here, world, booking)
    clock.set(START + 48 * HOUR)
    assert sweeps.run(here, "reminders").done == 1
    send()
    assert len(reminders(office)) == 2


def corrected(here: Deps, world: World, booking: Booking, address: str | None) -> Booking:
    guests = (Guest("Ravi", email=address),)
    edit = BookingEdit(DetailsEdit(guests=guests))
    return reschedule.modify(here, world.staff, booking.booking_id, edit)


@pytest.fixture
def misspelt(world: World, here: Deps, send: Callable[[], None], clock: Clock) -> Booking:
    """A hall whose reminder went to a wrong address; it is ten minutes before the auto-cancel."""
    guests = (Guest("Ravi", email="rvi@example.com"),)
    booking = world.book_hall(world.staff, guests=guests)
    clock.move(hours=24)
    sweeps.run(here, "reminders")
    send()
    clock.move(hours=21, minutes=50)
    return booking


def test_a_guest_whose_address_is_corrected_after_the_reminder_is_asked_there(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock,
    misspelt: Booking,
) -> None:  # fmt: skip
    after = corrected(here, world, misspelt, "ravi@example.com")
    assert after.version == misspelt.version + 3  # reminded, sent, corrected
    send()
    assert reminders(office) == ["rvi@example.com", "ravi@example.com"]
    clock.move(hours=1)
    assert sweeps.run(here, "auto-cancel").due == 0  # the new reader has an hour as well
    clock.move(minutes=2)
    assert sweeps.run(here, "auto-cancel").done == 1


def test_a_guest_left_without_an_address_is_not_cancelled(
    world: World, here: Deps, send: Callable[[], None], clock: Clock, misspelt: Booking
) -> None:
    corrected(here, world, misspelt, None)
    send()
    clock.set(START - timedelta(seconds=1))
    assert sweeps.run(here, "auto-cancel").due == 0
    assert world.read(misspelt).timeline[-1].what == "reminder_failed"


def test_neither_the_same_address_nor_an_answer_causes_a_second_reminder(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], misspelt: Booking
) -> None:
    corrected(here, world, misspelt, "rvi@example.com")  # the same
    confirmations.confirm(here, world.staff, misspelt.booking_id)
    corrected(here, world, misspelt, "ravi@example.com")
    send()
    assert reminders(office) == ["rvi@example.com"]


# -- mails that cannot be delivered


def test_a_reminder_that_is_refused_leaves_the_booking_alone_and_a_word_for_staff(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock
) -> None:
    booking = world.book_hall()
    send()
    office.trouble["*"] = Undeliverable("refused")
    clock.move(hours=24)
    sweeps.run(here, "reminders")
    send()
    told = world.read(booking).timeline[-1]
    assert (told.what, "refused" in told.note) == ("reminder_failed", True)
    assert "@" not in told.note
    clock.set(START - timedelta(seconds=1))
    assert sweeps.run(here, "auto-cancel").due == 0
    assert world.read(booking).status is Status.BOOKED


def test_a_reminder_parked_after_five_tries_leaves_the_booking_alone(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock
) -> None:
    booking = world.book_hall()
    send()
    office.trouble["*"] = errors.Unavailable()
    clock.move(hours=24)
    sweeps.run(here, "reminders")
    for _ in range(5):
        assert world.read(booking).timeline[-1].what == "reminded"
        send()
        clock.move(hours=2)
    assert world.read(booking).timeline[-1].what == "reminder_failed"
    clock.set(START - timedelta(seconds=1))
    assert sweeps.run(here, "auto-cancel").due == 0


def test_a_mail_that_left_after_some_tries_gives_the_full_time_to_answer(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock
) -> None:
    booking = world.book_hall()
    send()
    office.trouble["*"] = errors.Unavailable()
    clock.set(START - 3 * HOUR)
    sweeps.run(here, "reminders")
    send()
    office.trouble.clear()
    clock.move(minutes=30)
    send()
    deadline = world.read(booking).deadline
    assert deadline is not None
    assert deadline.at == START - timedelta(minutes=88)


def test_a_poisoned_booking_stops_no_reminder(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None], clock: Clock
) -> None:
    poisoned = world.book_hall()
    world.book_hall(world.other)
    item = BookingItem.get(poisoned.locator, poisoned.booking_id[10:])
    item.update([BookingItem.tariff.set("{")])
    clock.move(hours=24)
    first = sweeps.run(here, "reminders")
    assert (first.done, first.failed) == (1, 1)
    later = [sweeps.run(here, "reminders") for _ in range(4)]
    assert [summary.parked for summary in later] == [0, 0, 0, 1]


def test_a_hall_with_all_that_may_happen_to_it_still_fits_into_one_write_unit(
    world: World, here: Deps, send: Callable[[], None], clock: Clock, meter: Meter
) -> None:
    booking = world.book_hall(owner_name="Asha Rao", purpose="Choir rehearsal")
    clock.move(hours=24)
    sweeps.run(here, "reminders")
    send()
    meter.reset()
    confirmations.confirm(here, world.user, booking.booking_id)
    (written,) = [t.writes for n, t in meter.snapshot().tables.items() if n.endswith("bookings")]
    assert written[TABLE] == 2  # a transaction counts twice


def test_the_old_names_count_reminders_and_cancellations(
    world: World, here: Deps, send: Callable[[], None], clock: Clock
) -> None:
    world.book_hall()
    clock.move(hours=24)
    asked = sweeps.run(here, "reminders")
    send()
    clock.move(hours=23)
    ended = sweeps.run(here, "auto-cancel")
    assert (asked.sent, asked.failed, asked.cancelled) == (1, 0, 0)
    assert (ended.sent, ended.cancelled, ended.expired) == (0, 1, 0)


def test_a_booking_that_stands_without_a_reminder_is_not_counted_as_sent(
    world: World, here: Deps, clock: Clock
) -> None:
    world.book_hall()
    clock.move(hours=48)
    ran = sweeps.run(here, "reminders")
    assert (ran.done, ran.sent) == (1, 0)


def test_a_dry_run_only_counts(world: World, here: Deps, clock: Clock) -> None:
    booking = world.book_hall()
    clock.move(hours=24)
    assert sweeps.run(here, "reminders", dry_run=True).due == 1
    assert world.read(booking) == booking


# -- by those who run the site


def test_a_cancellation_by_staff_is_told_by_mail_and_ones_own_too(
    world: World, here: Deps, office: FakeMailer, send: Callable[[], None]
) -> None:
    theirs, own = world.book_hall(), world.book_hall()
    bookings.cancel(here, world.staff, theirs.booking_id, reason="repairs")
    bookings.cancel(here, world.user, own.booking_id)
    send()
    told = [mail for mail in office.sent if mail.subject.startswith("Cancelled")]
    assert {mail.attachments[0].filename: "You have cancelled" in mail.text for mail in told} == {
        f"{theirs.booking_id}.ics": False, f"{own.booking_id}.ics": True,
    }  # fmt: skip
