from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import MailName
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.mail.message import Message
from chalicelib.services.accounts import profile
from chalicelib.services.bookings import bookings, settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import SweepReport
from tests import builders
from tests.batches import post, sweep, waiting
from tests.clock import Clock
from tests.fake_mailer import FakeMailer
from tests.world import World

# -- what no longer makes sense


def test_no_confirmation_for_what_was_cancelled_meanwhile(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    booking = world.book()
    bookings.cancel(world.deps, world.user, booking.booking_id, reason="rain")
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=2, done=2)
    assert [message.subject.partition(":")[0] for message in mailer.sent] == ["Cancelled"]
    assert waiting(office) == []


def test_no_confirmation_for_what_time_has_ended_looked_at_or_not(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    seen, _ = world.book(), world.book()
    clock.move(minutes=61)
    settle.read(world.deps, seen.booking_id)
    assert sweep(office) == SweepReport(due=2, done=2)
    assert mailer.sent == []


def test_a_late_confirmation_of_a_stay_that_has_begun_still_goes_out(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    world.enter(world.book())
    clock.move(minutes=90)
    assert sweep(office) == SweepReport(due=1, done=1)
    assert "You are parked in" in mailer.sent[0].text


def test_what_is_about_nobody_we_know_is_dropped(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    post(
        office,
        effect.mail("reset_password", "US00000000"),
        effect.mail("booking_confirmed", "BK000000001NG1QR00005"),
    )
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, done=1)
    assert mailer.sent == []


def test_a_verified_address_is_not_asked_again(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    post(office, effect.mail("verify_email", world.user.account_id))
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, done=1)
    assert mailer.sent == []


@pytest.mark.parametrize("name", ["reset_password", "address_taken", "sign_in_locked"])
def test_a_closed_account_gets_no_link(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock, name: MailName
) -> None:
    account = office.accounts.get(world.user.account_id)
    office.commit(saving(account.evolve(active=False)))
    post(office, effect.mail(name, account.account_id))
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, done=1)
    assert mailer.sent == []


@pytest.mark.parametrize("name", ["address_taken", "sign_in_locked"])
def test_a_notice_about_an_account_goes_to_its_address_with_a_link_to_a_new_password(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock, name: MailName
) -> None:
    post(office, effect.mail(name, world.user.account_id))
    clock.move(minutes=2)
    sweep(office)
    assert mailer.recipients == ["user1@example.com"]
    link = link_in(mailer.sent[0])
    assert profile.reset_password(office, link, "a better password", source_ip="-").epoch == 1


# -- to whom, and what


def test_a_guest_without_an_account_is_written_to_at_their_own_address(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    guests = (Guest("Ravi"), Guest("Mina", "mina@example.com"), Guest("Jo", "jo@example.com"))
    booking = builders.a_booking(
        user_id=None, guests=guests, now=clock.now(), booking_id="BK7Q2M9X4T1NG1QR00005"
    )
    office.commit(saving(booking).sending(effect.mail("booking_confirmed", booking.booking_id)))
    clock.move(minutes=2)
    sweep(office)
    assert mailer.recipients == ["mina@example.com"]


def test_the_confirmation_carries_a_pass_that_opens_the_gate(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    booking = world.book()
    clock.move(minutes=2)
    sweep(office)
    code = next(line for line in mailer.sent[0].text.splitlines() if line.startswith("BERTH"))
    assert office.tokens.read_qr(code).booking_id == booking.booking_id


def test_a_paid_exit_is_confirmed_with_the_bill(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    booking = world.enter(world.book())
    clock.move(minutes=126)
    world.leave(booking)
    clock.move(minutes=2)
    sweep(office)
    bill = mailer.sent[-1]
    assert bill.subject == "Your parking at Central: ₹150.00"
    assert "Duration      2 hours 6 minutes" in bill.text


def test_a_stay_over_midnight_in_kolkata_and_over_the_clock_change_in_dublin_is_told_locally(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    world.add_site("dublin", timezone="Europe/Dublin", currency="EUR")
    world.add_zone("yard", builders.METERED, site="dublin", tariff=builders.FREE)
    clock.set(clock.now().replace(month=10, day=24, hour=18, minute=0))
    kolkata = Interval(clock.now(), clock.now() + timedelta(hours=1))
    world.book(start=kolkata.start, end=kolkata.end)
    world.book(zone="yard", start=clock.now() + timedelta(hours=5), minutes=180)
    clock.move(minutes=2)
    sweep(office)
    told = {message.subject.partition(", ")[2] for message in mailer.sent}
    assert told == {
        "Sat, 24 Oct 2026, 23:30 – Sun, 25 Oct 2026, 00:30",
        "Sun, 25 Oct 2026, 00:00 IST – 02:00 GMT",
    }


def test_the_links_in_the_mails_do_what_they_say(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    account = office.accounts.get(world.user.account_id)
    office.commit(saving(account.evolve(verified=False)))
    for name in ("verify_email", "reset_password"):
        post(office, effect.mail(name, account.account_id))
        clock.move(minutes=3)
        sweep(office)
    verify, reset = (link_in(message) for message in mailer.sent)
    assert profile.verify_email(office, verify, source_ip="-").verified
    assert profile.reset_password(office, reset, "a better password", source_ip="-").epoch == 1
    with pytest.raises(errors.LinkExpired):
        profile.reset_password(office, reset, "another password", source_ip="-")


def link_in(message: Message) -> str:
    url = next(line for line in message.text.splitlines() if line.startswith("https://"))
    base, _, token = url.rpartition("/l/")
    assert base == "https://berth.example.com"
    return token


def test_a_bill_of_a_stay_that_goes_on_is_dropped(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    booking = world.enter(world.book())
    sent_before = post(office, effect.mail("stay_ended", booking.booking_id))
    clock.move(minutes=2)
    sweep(office)
    assert sent_before not in waiting(office)
    assert [message.subject[:6] for message in mailer.sent] == ["Booked"]
