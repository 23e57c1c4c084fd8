"""What a guest reads, mail by mail, while a booking changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import DetailsEdit, Guest
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.mail.message import Message
from chalicelib.domain.stays import overstay
from chalicelib.services.bookings import bookings, qr_pass, reschedule, settle
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.core.deps import Deps
from chalicelib.services.delivery import outbox
from chalicelib.services.delivery.outbox import Outcome
from chalicelib.services.front_desk import assign_room
from chalicelib.services.mail import compose
from chalicelib.services.stays import check_in
from chalicelib.services.waitlist import entries, offers
from tests import builders, scenarios
from tests.batches import sweep, waiting
from tests.clock import NOON, Clock
from tests.fake_mailer import FakeMailer
from tests.hall import Hall
from tests.hotel import Hotel, day
from tests.services.mail.conftest import Post
from tests.world import World

HOUR = timedelta(hours=1)


def subjects(mails: list[Message]) -> list[str]:
    return [mail.subject for mail in mails]


def event(mail: Message) -> dict[str, str]:
    """The properties of the event in the calendar file of a mail."""
    (file,) = mail.attachments
    lines = file.content.decode().replace("\r\n ", "").splitlines()
    return {line.partition(":")[0].partition(";")[0]: line.partition(":")[2] for line in lines}


def code(mail: Message) -> str:
    return next(line for line in mail.text.splitlines() if line.startswith("BERTH"))


def test_a_guest_reads_in_order_what_the_desk_does_with_the_booking(
    world: World, clock: Clock, post: Post
) -> None:
    hotel = Hotel(world, clock, rooms=5)
    booking = hotel.book_nights("2027-03-10", "2027-03-11", hotel.staff, guests=(
        Guest("Ravi", email="ravi@example.com"),), number="101")  # fmt: skip

    def change(**edit: Any) -> None:
        reschedule.modify(
            world.deps, hotel.staff, booking.booking_id, BookingEdit(**edit), source="staff_api"
        )

    read = post()
    change(start=day("2027-03-12"), nights=2)
    read += post()
    change(end=day("2027-03-13"))
    read += post()
    assign_room.assign(world.deps, hotel.staff, booking.booking_id, "105")
    read += post()
    bookings.cancel(world.deps, hotel.staff, booking.booking_id, source="staff_api")
    read += post()

    assert {mail.to for mail in read} == {"ravi@example.com"}
    assert [mail.subject.partition(",")[0] for mail in read] == [
        "Booked: room 101 at Central", "Moved: room 101 at Central", "Shortened: room 101 at Central",
        "New room: 105 at Central", "Cancelled: room 105 at Central",
    ]  # fmt: skip
    _, moved, shortened, other, _ = read
    assert "Wed, 10 Mar 2027, 15:00" in moved.text.partition("Now")[0]
    assert "Fri, 12 Mar 2027, 15:00" in moved.text.partition("Now")[2]
    assert "Sun, 14 Mar 2027, 11:00" in shortened.text.partition("Now")[0]
    assert "Sat, 13 Mar 2027, 11:00" in shortened.text.partition("Now")[2]
    assert ("101, Rooms" in other.text, "105, Rooms" in other.text) == (True, True)

    calendar = [event(mail) for mail in read]
    assert len({(each["UID"], each["ORGANIZER"], each["ATTENDEE"]) for each in calendar}) == 1
    assert [each["METHOD"] for each in calendar] == ["REQUEST"] * 4 + ["CANCEL"]
    sequences = [int(each["SEQUENCE"]) for each in calendar]
    assert sequences == sorted(set(sequences))
    assert [each["DTSTART"] for each in calendar] == ["20270310T150000Z"] + ["20270312T150000Z"] * 4
    assert calendar[3]["LOCATION"].startswith("105 ")
    codes = {world.deps.tokens.read_qr(code(mail)).booking_id for mail in read[:4]}
    assert codes == {booking.booking_id}


# -- several changes within a minute


def move(world: World, booking: Booking, minutes: int, actor: Any = None) -> None:
    edit = BookingEdit(minutes=minutes)
    reschedule.modify(world.deps, actor or world.staff, booking.booking_id, edit)


def test_several_changes_within_a_minute_are_one_mail_from_the_first_to_the_last(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book(number="A-001", start=NOON + 2 * HOUR)
    post()
    move(world, booking, 90)
    clock.move(seconds=30)
    move(world, booking, 120)
    clock.move(seconds=30)
    assign_room.assign(world.deps, world.staff, booking.booking_id, "A-003")
    (mail,) = post()
    assert mail.subject == "Changed: space A-003 at Central, Sat, 21 Nov 2026, 14:00–16:00"
    assert "14:00–15:00" in mail.text
    assert "15:30" not in mail.text
    assert "Central has changed your booking." in mail.text


def test_two_changes_in_the_same_second_are_one_mail(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book(start=NOON + 2 * HOUR)
    post()
    move(world, booking, 90)
    move(world, booking, 30)
    assert [subject.partition(":")[0] for subject in subjects(post())] == ["Shortened"]


def test_a_change_that_is_taken_back_within_a_minute_is_no_news(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book(start=NOON + 2 * HOUR)
    post()
    move(world, booking, 90)
    move(world, booking, 60)
    assert post() == []


def test_the_mail_of_a_change_waits_a_minute_and_no_longer_for_the_next(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock, post: Post
) -> None:
    booking = world.book(start=NOON + 2 * HOUR)
    post()
    before = len(mailer.sent)
    move(world, booking, 90)
    (batch_id,) = waiting(office)
    assert outbox.from_stream(office, batch_id) is Outcome.SKIPPED
    clock.move(seconds=59)
    assert sweep(office).due == 0
    clock.move(seconds=1)
    assert sweep(office).done == 1
    assert len(mailer.sent) == before + 1
    assert waiting(office) == []


def test_a_change_whose_mail_is_late_when_the_next_one_comes_is_told(
    world: World, clock: Clock, post: Post
) -> None:
    """The sweep comes by each minute, so a mail may leave two minutes after its change."""
    booking = world.book(number="A-001", start=NOON + 2 * HOUR)
    post()
    move(world, booking, 90)
    clock.move(seconds=90)
    assign_room.assign(world.deps, world.staff, booking.booking_id, "A-003")
    first, second = post()
    assert "14:00–15:00" in first.text.partition("Now")[0]
    assert "14:00–15:30" in first.text.partition("Now")[2]
    assert first.subject == "Changed: space A-003 at Central, Sat, 21 Nov 2026, 14:00–15:30"
    assert second.subject.startswith("New space: A-003 at Central")


def test_a_late_change_that_is_taken_back_by_the_next_one_is_told_once(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book(start=NOON + 2 * HOUR)
    post()
    move(world, booking, 90)
    clock.move(seconds=90)
    move(world, booking, 60)
    assert [subject.partition(":")[0] for subject in subjects(post())] == ["Shortened"]


def test_the_mail_of_a_change_from_before_an_update_leaves_as_it_did(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book(start=NOON + 2 * HOUR)
    move(world, booking, 90)
    changed = world.read(booking)
    assert changed.news is not None
    assert compose.message(world.deps, effect.mail("booking_changed", f"{changed.booking_id}/2"))
    assert not compose.message(
        world.deps, effect.mail("booking_changed", f"{changed.booking_id}/1")
    )


def test_events_of_a_change_do_not_wait_for_its_mail(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock, post: Post
) -> None:
    site = world.deps.catalogue.site("central")
    world.deps.commit(saving(site.evolve(realtime=True)))
    booking = world.book(start=NOON + 2 * HOUR)
    post()
    before = len(mailer.sent)
    move(world, booking, 90)
    (batch_id,) = waiting(office)
    assert outbox.from_stream(office, batch_id) is Outcome.DONE
    batch = office.outbox.get(batch_id)
    assert batch is not None
    assert [each.name for each in batch.effects] == ["booking_changed"]
    assert office.events.latest("central", clock.now() - HOUR) is not None
    clock.move(seconds=60)
    assert sweep(office).done == 1
    assert len(mailer.sent) == before + 1


def test_a_mail_about_a_booking_that_was_cancelled_meanwhile_is_dropped(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book(start=NOON + 2 * HOUR)
    post()
    move(world, booking, 90)
    bookings.cancel(world.deps, world.staff, booking.booking_id)
    assert [subject.partition(":")[0] for subject in subjects(post())] == ["Cancelled"]


# -- what one does oneself


def test_an_own_move_and_an_own_cancellation_are_confirmed_shortly(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book(start=NOON + 2 * HOUR)
    post()
    move(world, booking, 90, world.user)
    (moved,) = post()
    assert "You have changed your booking." in moved.text
    assert "does not suit you" not in moved.text
    bookings.cancel(world.deps, world.user, booking.booking_id)
    (cancelled,) = post()
    assert "You have cancelled your booking of space A-" in cancelled.text
    assert event(cancelled)["METHOD"] == "CANCEL"


def test_a_change_by_the_site_says_whom_to_ask(world: World, clock: Clock, post: Post) -> None:
    site = world.deps.catalogue.site("central")
    world.deps.commit(saving(site.evolve(contact="desk@central.example")))
    booking = world.book(start=NOON + 2 * HOUR)
    post()
    move(world, booking, 90)
    (mail,) = post()
    assert "please contact Central." in " ".join(mail.text.split())
    assert "desk@central.example" in mail.text


# -- the end


def test_a_no_show_is_mailed(world: World, clock: Clock, post: Post) -> None:
    booking = world.book(start=NOON + HOUR)
    post()
    clock.move(hours=3)
    settle.read(world.deps, booking.booking_id)
    (mail,) = post()
    assert mail.subject.startswith("Expired: space A-")
    assert event(mail)["METHOD"] == "CANCEL"


def test_a_stay_that_an_admin_ends_is_mailed(world: World, clock: Clock, post: Post) -> None:
    booking = world.enter(world.book())
    post()
    bookings.terminate(world.deps, world.admin, booking.booking_id, reason="A pipe has burst.")
    (mail,) = post()
    assert mail.subject == "Your parking at Central has been ended"
    assert "pipe" not in mail.text
    assert event(mail)["METHOD"] == "CANCEL"


def test_a_guest_who_is_sent_to_another_space_at_the_gate_has_it_in_writing(
    world: World, clock: Clock, post: Post
) -> None:
    booking = scenarios.a_bay_that_is_still_in_use(world, clock)
    post()
    entered = world.enter(booking)
    assert entered.number != booking.number
    (mail,) = post()
    assert mail.to == "user2@example.com"
    assert mail.subject.startswith(f"New space: {entered.number} at Central")


def test_a_guest_who_is_inside_does_not_read_how_to_cancel(
    world: World, clock: Clock, post: Post
) -> None:
    hotel = Hotel(world, clock)
    stay = hotel.stay("101", nights=1)
    post()
    edit = BookingEdit(nights=2)
    reschedule.modify(world.deps, hotel.staff, stay.booking_id, edit, source="staff_api")
    (mail,) = post()
    assert mail.subject.startswith("Extended: room 101")
    assert "cancel" not in mail.text.lower()


# -- a corrected address


def walk_in(world: World, address: str = "al@example.com") -> Booking:
    return world.book(world.staff, start=NOON + 2 * HOUR, guests=(Guest("Al", email=address),))


def correct(world: World, booking: Booking, address: str, **edit: Any) -> Booking:
    details = DetailsEdit(guests=(Guest("Al", email=address),))
    edit_ = BookingEdit(details, **edit)
    return reschedule.modify(world.deps, world.staff, booking.booking_id, edit_)


def test_a_corrected_address_gets_the_confirmation_and_the_pass_at_once(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock, post: Post
) -> None:
    booking = walk_in(world, "la@example.com")
    post()
    correct(world, booking, "al@example.com")
    (batch_id,) = waiting(office)
    assert outbox.from_stream(office, batch_id) is Outcome.DONE
    mail = mailer.sent[-1]
    assert (mail.to, mail.subject.partition(":")[0]) == ("al@example.com", "Booked")
    assert world.deps.tokens.read_qr(code(mail)).booking_id == booking.booking_id
    assert event(mail)["ATTENDEE"] == "mailto:al@example.com"
    assert mailer.recipients.count("la@example.com") == 1


def test_news_for_a_former_address_reaches_nobody(world: World, clock: Clock, post: Post) -> None:
    booking = walk_in(world, "la@example.com")
    post()
    move(world, booking, 90)
    correct(world, booking, "al@example.com")
    mails = post()
    assert [(mail.to, mail.subject.partition(":")[0]) for mail in mails] == [
        ("al@example.com", "Booked")
    ]
    assert "14:00–15:30" in mails[0].text


def test_another_name_at_the_same_address_is_no_correction(
    world: World, clock: Clock, post: Post
) -> None:
    booking = walk_in(world)
    post()
    details = DetailsEdit(guests=(Guest("Albert", email="al@example.com"),))
    reschedule.modify(world.deps, world.staff, booking.booking_id, BookingEdit(details))
    assert post() == []


# -- a pass made anew, and a mail sent again


def test_a_new_pass_is_mailed_and_the_old_one_is_refused_with_its_own_reason(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book(start=NOON + HOUR / 6)
    old = code(post()[0])
    qr_pass.make_anew(world.deps, world.staff, booking.booking_id)
    (mail,) = post()
    assert mail.subject.startswith("New pass: ")
    clock.set(NOON + HOUR / 6)
    with pytest.raises(errors.PassReplaced):
        check_in.scan_entry(world.deps, world.staff, old, plate=None)
    entered = check_in.scan_entry(world.deps, world.staff, code(mail), plate=None)
    assert entered.actual_start == NOON + HOUR / 6
    with pytest.raises(errors.PassReplaced):
        world.leave(booking)
    assert world.leave(entered).booking.actual_end == NOON + HOUR / 6


def test_staff_are_audited_for_a_new_pass_and_the_customer_is_not(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book(start=NOON + HOUR)
    qr_pass.make_anew(world.deps, world.user, booking.booking_id)
    after = qr_pass.make_anew(world.deps, world.staff, booking.booking_id)
    assert [entry.what for entry in after.timeline] == ["created", "pass_replaced", "pass_replaced"]
    found = world.deps.audit.list_day("central", NOON.date(), limit=100).events
    assert [(e.action, e.actor) for e in found if e.subject == booking.booking_id] == [
        ("replace_pass", world.staff.account_id)
    ]


def test_staff_send_the_confirmation_again_and_are_audited(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book(start=NOON + 2 * HOUR)
    first = post()
    qr_pass.send_again(world.deps, world.staff, booking.booking_id)
    assert subjects(post()) == subjects(first)
    found = world.deps.audit.list_day("central", NOON.date(), limit=100).events
    assert [(e.action, e.detail) for e in found if e.subject == booking.booking_id] == [
        ("resend_mail", "booking_confirmed")
    ]


def test_a_bill_is_sent_again(world: World, clock: Clock, post: Post) -> None:
    booking = world.leave(world.enter(world.book())).booking
    first = post()[-1]
    qr_pass.send_again(world.deps, world.staff, booking.booking_id)
    assert subjects(post()) == [first.subject]


def test_a_booking_is_mailed_again_three_times_an_hour_at_most(
    world: World, clock: Clock, post: Post
) -> None:
    strict = replace(world.deps, settings=replace(world.deps.settings, limits_factor=1))
    booking = world.book(start=NOON + 2 * HOUR)
    for _ in range(3):
        qr_pass.send_again(strict, world.staff, booking.booking_id)
    with pytest.raises(errors.TooMany):
        qr_pass.send_again(strict, world.staff, booking.booking_id)
    another = world.book(world.other, start=NOON + 2 * HOUR)
    qr_pass.send_again(strict, world.staff, another.booking_id)


def test_a_customer_sends_nothing_again(world: World) -> None:
    booking = world.book()
    with pytest.raises(errors.BookingNotFound):
        qr_pass.send_again(world.deps, world.user, booking.booking_id)


# -- the waitlist


def test_an_offer_that_lapses_is_mailed(world: World, clock: Clock, post: Post) -> None:
    _, entry = scenarios.an_offer(world, clock, world.other)
    post()
    clock.move(minutes=20)
    offers.read(world.deps, entry.entry_id)
    (mail,) = post()
    assert mail.to == "user2@example.com"
    assert mail.subject.startswith("Offer expired: A-001 at Central")
    assert "12:15" in mail.text


def test_an_offer_whose_mail_is_lost_lapses_without_another(
    world: World, clock: Clock, post: Post
) -> None:
    _, entry = scenarios.an_offer(world, clock, world.other)
    post()
    offers.mail_failed(world.deps, entry.entry_id, "bounced")
    assert post() == []


def test_a_wait_that_ends_without_an_offer_is_mailed(
    world: World, clock: Clock, post: Post
) -> None:
    hall, _ = scenarios.a_full_hall(world, clock)
    entry = hall.join(world.other)
    post()
    clock.set(entry.interval.start)
    offers.read(world.deps, entry.entry_id)
    mails = [mail for mail in post() if mail.to == "user2@example.com"]
    assert [mail.subject.partition(",")[0] for mail in mails] == [
        "Nothing became available: Halls at Central"
    ]


def test_leaving_the_waitlist_oneself_is_not_mailed(world: World, clock: Clock, post: Post) -> None:
    hall, _ = scenarios.a_full_hall(world, clock)
    entry = hall.join(world.other)
    post()
    hall.leave(entry, world.other)
    assert post() == []


def test_an_offer_keeps_its_mail_while_it_runs(world: World, clock: Clock, post: Post) -> None:
    hall: Hall
    hall, entry = scenarios.an_offer(world, clock, world.other)
    post()
    hall.claim(entry, world.other)
    assert [subject.partition(":")[0] for subject in subjects(post())] == ["Booked"]


def test_a_zone_that_asks_for_a_confirmation_says_so_in_the_mail_of_a_move(
    world: World, clock: Clock, post: Post
) -> None:
    booking = world.book_hall()
    post()
    edit = BookingEdit(start=booking.booked.start + 24 * HOUR)
    reschedule.modify(world.deps, world.staff, booking.booking_id, edit)
    (mail,) = post()
    assert "We will ask you to confirm 24 hours before" in " ".join(mail.text.split())
    assert builders.VENUE.confirmation


def test_the_mail_of_a_no_show_names_its_fee(world: World, clock: Clock, post: Post) -> None:
    fee = replace(builders.HOURLY, no_show_fee=2500)
    world.add_zone("fined", builders.METERED, tariff=fee)
    booking = world.book(zone="fined", start=NOON + HOUR)
    post()
    clock.move(hours=3)
    settle.read(world.deps, booking.booking_id)
    (mail,) = post()
    assert "A no-show fee is due. Please pay ₹25.00" in " ".join(mail.text.split())


@pytest.mark.parametrize("offered", [False, True])
def test_a_wait_that_the_site_ends_is_mailed_as_such(
    world: World, clock: Clock, post: Post, offered: bool
) -> None:
    if offered:
        _, entry = scenarios.an_offer(world, clock, world.other)
    else:
        entry = scenarios.a_full_hall(world, clock)[0].join(world.other)
    post()
    entries.leave(world.deps, world.owner, entry.entry_id)
    (mail,) = post()
    assert mail.to == "user2@example.com"
    assert mail.subject.partition(",")[0] == "Waitlist closed: Halls at Central"


# -- a space that is provisional until arrival


def test_a_provisional_space_moves_without_news_and_the_confirmation_says_so(
    world: World, clock: Clock, post: Post
) -> None:
    world.add_zone("two", builders.METERED)
    booking = world.book(zone="two", start=NOON + 2 * HOUR)
    (confirmed,) = post()
    assert "The space may change until you arrive" in confirmed.text
    [other] = {"A-001", "A-002"} - {booking.number}
    world.book(world.other, zone="two", number=other, start=NOON + 3.5 * HOUR)
    world.book(world.other, zone="two", start=NOON + 2.5 * HOUR, end=NOON + 4 * HOUR)
    assert world.read(booking).number == other
    assert {mail.to for mail in post()} == {"user2@example.com"}
    move(world, booking, 30)
    (mail,) = post()
    assert mail.subject.startswith(f"Shortened: space {other} at Central")
    assert f"{booking.number}, Two" not in mail.text


def test_a_space_that_the_guest_named_does_not_change(
    world: World, clock: Clock, post: Post
) -> None:
    world.book(number="A-001", start=NOON + 2 * HOUR)
    (confirmed,) = post()
    assert "may change" not in confirmed.text


def test_no_mail_of_an_overstay_leaves_after_time_has_ended_the_stay(
    world: World, clock: Clock, office: Deps
) -> None:
    """The delivery comes late, and the check-out by time has not been written yet."""
    hotel = Hotel(world, clock, auto_checkout_after=1, overstay_grace=120)
    site = hotel.deps.catalogue.site("hotel")
    hotel.deps.commit(saving(site.evolve(contact="desk@hotel.ie")))
    stay = hotel.stay("101", minutes=60)
    clock.move(minutes=61)
    subject = overstay.mail_subject(settle.read(world.deps, stay.booking_id))
    assert compose.message(office, effect.mail("overstay", subject)) is not None
    clock.move(minutes=120)
    assert compose.message(office, effect.mail("overstay", subject)) is None
