"""The question of a reminder, and an offer, for a reader who has no working link to answer: the
mail was lost, or it went to the former address of an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.mail.message import Message
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.accounts import address, profile
from chalicelib.services.bookings import confirmations, qr_pass
from chalicelib.services.bookings import links as booking_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import links as waitlist_links
from tests.batches import post as post_effects
from tests.clock import NOON, Clock
from tests.fake_mailer import FakeMailer
from tests.hall import Hall
from tests.services.mail.conftest import Post
from tests.world import World

HOUR = timedelta(hours=1)
START = NOON + 48 * HOUR
NEW = "asha@example.net"


def move_account(deps: Deps, who: Actor, to: str = NEW) -> None:
    """Give an account another address, proved by the link that was mailed to it."""
    account = deps.accounts.get(who.account_id).evolve(pending_email=to)
    deps.commit(saving(account))
    subject, until = address.subject(account), deps.now() + HOUR
    token = deps.tokens.link("change_email", subject, account.epoch, until)
    profile.verify_email(deps, token, source_ip="203.0.113.9")


def links(mail: Message) -> list[str]:
    """The tokens of the links to act on, in the order of the text."""
    return re.findall(r"https://berth\.example\.com/l/(\S+)", mail.text)


def the_one(mails: list[Message], subject: str) -> Message:
    (found,) = [mail for mail in mails if mail.subject.startswith(subject)]
    return found


def offer_in(mails: list[Message]) -> Message:
    """The one mail with two links to act on."""
    (found,) = [mail for mail in mails if len(links(mail)) == 2]
    return found


@pytest.fixture
def asked(world: World, clock: Clock, post: Post, office: Deps) -> Callable[..., Booking]:
    """A booking of a hall whose reminder has been sent."""

    def once(actor: Actor | None = None, **wishes: object) -> Booking:
        booking = world.book_hall(actor, **wishes)
        clock.move(hours=24)
        sweeps.run(office, "reminders")
        post()
        return world.read(booking)

    return once


# -- sent again


def test_a_mail_sent_again_asks_while_the_answer_is_awaited(
    world: World, asked: Callable[..., Booking], post: Post, clock: Clock
) -> None:
    booking = asked()
    clock.move(hours=1)
    qr_pass.send_again(world.deps, world.staff, booking.booking_id)
    mail = the_one(post(), "Booked:")
    confirm, cancel = links(mail)
    assert "Please confirm that you are coming." in " ".join(mail.text.split())
    assert "If you do not confirm by Mon, 23 Nov 2026, 10:00" in " ".join(mail.text.split())
    assert world.read(booking).deadline == booking.deadline  # the time to answer stays
    assert booking_links.open_link(world.deps, cancel, "cancel").booking_id == booking.booking_id
    assert booking_links.confirm(world.deps, confirm).confirmed_at == clock.now()


def test_a_guest_of_the_desk_is_asked_again_too(
    world: World, asked: Callable[..., Booking], post: Post
) -> None:
    booking = asked(world.staff, guests=(Guest("Al", email="al@example.com"),))
    qr_pass.send_again(world.deps, world.staff, booking.booking_id)
    (mail,) = post()
    assert mail.to == "al@example.com"
    assert booking_links.confirm(world.deps, links(mail)[0]).confirmed_at is not None


def test_a_mail_sent_again_asks_nothing_before_the_reminder_and_after_the_answer(
    world: World, post: Post, clock: Clock, office: Deps
) -> None:
    booking = world.book_hall()
    post()
    qr_pass.send_again(world.deps, world.staff, booking.booking_id)
    assert links(the_one(post(), "Booked:")) == []
    clock.move(hours=24)
    sweeps.run(office, "reminders")
    post()
    confirmations.confirm(world.deps, world.user, booking.booking_id)
    qr_pass.send_again(world.deps, world.staff, booking.booking_id)
    assert links(the_one(post(), "Booked:")) == []


def test_an_account_that_is_switched_off_gets_no_link_that_would_not_work(
    world: World, asked: Callable[..., Booking], post: Post
) -> None:
    booking = asked()
    off = world.deps.accounts.get(world.user.account_id).evolve(active=False)
    world.deps.commit(saving(off))
    qr_pass.send_again(world.deps, world.staff, booking.booking_id)
    assert links(the_one(post(), "Booked:")) == []


# -- another address of an account


def test_an_account_is_asked_at_its_new_address_with_the_full_time_to_answer(
    world: World, asked: Callable[..., Booking], post: Post, clock: Clock, mailer: FakeMailer
) -> None:
    booking = asked()
    former = the_one(mailer.sent, "Reminder:")
    clock.move(hours=21)  # a minute or two before the auto-cancel without an answer
    move_account(world.deps, world.user)
    post()
    mail = the_one(post(), "Reminder:")
    assert mail.to == NEW
    again = world.read(booking)
    assert again.deadline is not None
    assert again.deadline.at == clock.now() + HOUR
    for token in links(former):
        with pytest.raises(errors.LinkExpired):
            booking_links.open_link(world.deps, token, "confirm")
        with pytest.raises(errors.LinkExpired):
            booking_links.open_link(world.deps, token, "cancel")
    confirmed = booking_links.confirm(world.deps, links(mail)[0])
    assert (confirmed.status, confirmed.confirmed_at) == (Status.BOOKED, clock.now())


def test_an_account_is_not_asked_again_what_it_has_answered(
    world: World, asked: Callable[..., Booking], post: Post, mailer: FakeMailer
) -> None:
    booking = asked()
    confirmations.confirm(world.deps, world.user, booking.booking_id)
    move_account(world.deps, world.user)
    assert [mail.to for mail in post() + post()] == ["user1@example.com"]  # the notice alone


def test_asking_twice_is_asking_once(
    world: World, asked: Callable[..., Booking], post: Post, office: Deps, mailer: FakeMailer
) -> None:
    asked()
    move_account(world.deps, world.user)
    post()
    post()
    confirmations.ask_mover(
        office, office.accounts.get(world.user.account_id), moved_at=NOON + 24 * HOUR
    )
    post()
    asked_at_new = [m for m in mailer.sent if m.to == NEW and m.subject.startswith("Reminder:")]
    assert len(asked_at_new) == 1


def test_a_reminder_that_still_waits_goes_to_the_new_address_once(
    world: World, post: Post, clock: Clock, office: Deps, mailer: FakeMailer
) -> None:
    world.book_hall()
    clock.move(hours=24)
    sweeps.run(office, "reminders")
    move_account(world.deps, world.user)
    post()
    post()
    reminders = [mail.to for mail in mailer.sent if mail.subject.startswith("Reminder:")]
    assert reminders == [NEW]


def test_a_running_offer_is_mailed_to_the_new_address(
    world: World, clock: Clock, post: Post, mailer: FakeMailer
) -> None:
    hall = Hall(world, clock)
    booking = hall.book()
    entry = hall.join(world.other)
    hall.cancel(booking)
    former = offer_in(post())
    offered = world.deps.waitlist.get(entry.entry_id)
    move_account(world.deps, world.other)
    mail = offer_in(post() + post())
    assert mail.to == NEW
    assert world.deps.waitlist.get(entry.entry_id).lapses_at == offered.lapses_at
    for token in links(former):
        with pytest.raises(errors.LinkExpired):
            waitlist_links.open_link(world.deps, token, "claim")
    claimed = waitlist_links.claim(world.deps, links(mail)[0])
    assert claimed.user_id == world.other.account_id
    assert hall.status(entry) == [EntryStatus.CLAIMED]


def test_an_account_with_nothing_open_gets_no_more_mails(
    world: World, office: Deps, mailer: FakeMailer, post: Post
) -> None:
    world.book()
    post()
    before = len(mailer.sent)
    post_effects(office, effect.ask_mover(world.user.account_id))
    post()
    assert mailer.sent[before:] == []
