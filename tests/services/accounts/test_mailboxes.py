from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.mailbox import id_of
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import OPTIONAL, MailName
from chalicelib.domain.mail.message import Undeliverable
from chalicelib.services.accounts import mailboxes, profile, sign_in
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import SweepReport
from chalicelib.services.mail import compose
from local.metering import Meter
from tests import builders
from tests.batches import post, sweep
from tests.clock import NOON, Clock
from tests.fake_mailer import FakeMailer
from tests.world import World

ASHA = "asha@example.com"


def register(deps: Deps) -> Account:
    return sign_in.register(
        deps, email=ASHA, password="a quiet river", name="Asha", phone=None, source_ip="-"
    )


def token(mailer: FakeMailer) -> str:
    found = re.search(r"/l/(\S+)", mailer.sent[-1].text)
    assert found is not None
    return found[1]


# -- back again


def test_a_new_password_by_mail_is_the_way_back_for_an_address_that_bounced(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    account = register(office)
    clock.move(minutes=2)
    sweep(office)
    mailboxes.record_bounce(office, ASHA, office.now())
    profile.forgot_password(office, ASHA, source_ip="-")
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, done=1)
    profile.reset_password(office, token(mailer), "another quiet river", source_ip="-")
    assert office.mailboxes.get(id_of(ASHA)).proved_at == clock.now()
    world.book(account.actor())
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, done=1)


def test_verifying_an_address_opens_it_again(
    office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    register(office)
    mailboxes.record_bounce(office, ASHA, office.now())
    clock.move(minutes=2)
    sweep(office)
    profile.verify_email(office, token(mailer), source_ip="-")
    assert mailboxes.accepts(office, effect.mail("reminder", "BK1"), ASHA)


def test_late_word_of_an_old_bounce_does_not_close_it_again(
    office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    register(office)
    mailboxes.record_bounce(office, ASHA, office.now())
    clock.move(minutes=2)
    sweep(office)
    profile.verify_email(office, token(mailer), source_ip="-")
    mailboxes.record_bounce(office, ASHA, NOON)
    assert mailboxes.accepts(office, effect.mail("reminder", "BK1"), ASHA)


def test_verifying_an_address_in_good_standing_writes_nothing_about_it(
    office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    register(office)
    clock.move(minutes=2)
    sweep(office)
    profile.verify_email(office, token(mailer), source_ip="-")
    assert office.mailboxes.get(id_of(ASHA)).version == 0


def test_an_erased_account_leaves_no_more_than_a_digest(office: Deps) -> None:
    account = register(office)
    mailboxes.record_bounce(office, ASHA, office.now())
    gone = office.accounts.get(account.account_id).forgotten("-")
    office.commit(saving(gone))
    with pytest.raises(Undeliverable):
        mailboxes.accepts(office, effect.mail("reminder", "BK1"), ASHA)


# -- what it costs


def test_a_mail_that_leaves_costs_one_read_more(deps: Deps, meter: Meter) -> None:
    meter.reset()
    mailboxes.accepts(deps, effect.mail("reminder", "BK1"), ASHA)
    assert meter.snapshot().requests == {"GetItem": 1}


def test_a_bounce_costs_one_read_and_one_transaction_and_the_second_time_a_read(
    deps: Deps, meter: Meter
) -> None:
    asked = []
    for _ in range(2):
        meter.reset()
        mailboxes.record_bounce(deps, ASHA, deps.now())
        asked.append(dict(meter.snapshot().requests))
    assert asked == [{"GetItem": 1, "TransactWriteItems": 1}, {"GetItem": 1}]


# -- mails one can do without


def test_only_a_stay_that_cost_nothing_ends_with_a_mail_one_can_do_without(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    world.add_zone("timer", builders.TIMER, tariff=builders.FREE)
    world.book(zone="timer", vehicle_number=None)
    world.leave(world.enter(world.book(world.other)), "500")
    clock.move(hours=2)
    sweeps.run(office, "auto-checkout")
    clock.move(minutes=2)
    sweep(office)
    ended = {m.to: m for m in mailer.sent if m.subject.startswith("Your parking")}
    assert ended["user1@example.com"].unsubscribe is not None
    assert "There is nothing to pay." in " ".join(ended["user1@example.com"].text.split())
    assert ended["user2@example.com"].unsubscribe is None


@pytest.fixture
def written(world: World, clock: Clock) -> Callable[[], dict[str, Any]]:
    """Each kind of mail about a booking or an account, as it would leave."""

    def each() -> dict[str, Any]:
        guest = Guest("Ravi", "ravi@example.com")
        stay = world.leave(world.enter(world.book(guests=(guest,))), "500").booking
        hall = world.book_hall()
        person = register(world.deps)
        subjects: dict[MailName, Booking] = {
            "booking_confirmed": hall, "reminder": hall, "stay_ended": stay, "stay_over": stay,
        }  # fmt: skip
        found: dict[str, Any] = {
            name: compose.message(world.deps, effect.mail(name, booking.booking_id))
            for name, booking in subjects.items()
        }
        for name in ("verify_email", "reset_password"):
            found[name] = compose.message(world.deps, effect.mail(name, person.account_id))
        return found

    return each


def test_optional_mails_say_how_to_get_no_more_of_them_and_others_do_not(
    written: Callable[[], dict[str, Any]],
) -> None:
    mails = {name: message for name, message in written().items() if message is not None}
    assert {name for name, message in mails.items() if message.unsubscribe} == OPTIONAL
    for name, message in mails.items():
        in_words = "Unsubscribe from these emails" in message.html
        assert in_words is (name in OPTIONAL), name


def test_the_link_is_about_the_address_and_names_nobody(office: Deps, clock: Clock) -> None:
    link = mailboxes.unsubscribe_link(office, ASHA)
    claims = office.tokens.read_link(link.rpartition("/")[2], office.now())
    assert (claims.purpose, claims.subject_id) == ("unsubscribe", id_of(ASHA))
    clock.move(days=364)
    mailboxes.unsubscribe(office, link.rpartition("/")[2])
    clock.move(days=1)
    with pytest.raises(errors.LinkExpired):
        mailboxes.open_link(office, link.rpartition("/")[2])


def test_a_link_for_something_else_unsubscribes_nobody(office: Deps) -> None:
    other = office.tokens.link("confirm", id_of(ASHA), 0, office.now() + mailboxes.UNSUBSCRIBE_LIFE)
    for act in (mailboxes.open_link, mailboxes.unsubscribe):
        with pytest.raises(errors.LinkExpired):
            act(office, other)


def test_who_has_unsubscribed_gets_no_optional_mail(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    stay = world.leave(world.enter(world.book()), "500").booking
    clock.move(minutes=2)
    sweep(office)
    mailer.sent.clear()
    mailboxes.record_complaint(office, "user1@example.com")
    post(office, effect.mail("stay_over", stay.booking_id))
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, done=1)
    assert mailer.sent == []
