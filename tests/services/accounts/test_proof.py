"""An address that nobody has proved: what its account may do, and which mails it gets
(docs/rules/accounts.md, An address that is not verified)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import MailName
from chalicelib.services.accounts import mailboxes, profile, sign_in, users
from chalicelib.services.bookings import book_group, bookings
from chalicelib.services.core.deps import Deps
from tests import builders
from tests.batches import post, sweep
from tests.clock import NOON, Clock
from tests.fake_mailer import FakeMailer
from tests.hall import Hall
from tests.races.crowd import rush
from tests.world import World

IP = "203.0.113.9"
SPAM = "You won! https://evil.example"
PASSWORD = "a quiet harbour 9"
CENTRAL = frozenset({"central"})


@pytest.fixture
def stranger(world: World) -> Actor:
    """An account opened with the address of a victim."""
    account = sign_in.register(
        world.deps, email="victim@example.com", password=PASSWORD, name=SPAM, phone=None,
        source_ip=IP,
    )  # fmt: skip
    return account.actor()


def account_of(world: World, actor: Actor) -> Account:
    return world.deps.accounts.get(actor.account_id)


def link_in(mailer: FakeMailer) -> str:
    found = re.search(r"https://berth\.example\.com/l/(\S+)", mailer.sent[-1].text)
    assert found is not None
    return found[1]


# -- rights (B4)


def edit(world: World, who: Actor, by: Actor, **changes: object) -> Account:
    return users.edit_user(world.deps, by, who.account_id, changes, source_ip=IP)


@pytest.mark.parametrize("verified", [False, True])
def test_a_role_voids_a_password_that_may_be_a_stranger_s_and_mails_a_link(
    world: World,
    stranger: Actor,
    office: Deps,
    mailer: FakeMailer,
    clock: Clock,
    verified: bool,
) -> None:
    """Also where the victim has followed the link to verify the address, and chosen nothing."""
    clock.move(minutes=3)
    sweep(office)
    world.deps.commit(saving(account_of(world, stranger).evolve(verified=verified)))
    signed_in = sign_in.login(world.deps, "victim@example.com", PASSWORD, source_ip=IP)
    edit(world, stranger, world.admin, role=Role.STAFF, sites=CENTRAL)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(world.deps, signed_in.access)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.refresh(world.deps, signed_in.refresh, source_ip=IP)
    with pytest.raises(errors.BadCredentials):
        sign_in.login(world.deps, "victim@example.com", PASSWORD, source_ip=IP)
    clock.move(minutes=3)
    sweep(office)
    assert [mail.subject for mail in mailer.sent][-1] == "Choose a new password"
    assert mailer.sent[-1].to == "victim@example.com"
    profile.reset_password(world.deps, link_in(mailer), "a loud station 4", source_ip=IP)
    proved = account_of(world, stranger).actor()
    assert (proved.role, proved.sites) == (Role.STAFF, CENTRAL)


def test_another_site_for_staff_that_proved_no_address_does_the_same(world: World) -> None:
    world.add_site("hall")
    new = users.NewUser("new@example.com", "New", Role.STAFF, CENTRAL, password=PASSWORD)
    made = users.create_user(world.deps, world.admin, new, source_ip=IP)
    after = edit(world, made.actor(), world.admin, sites=CENTRAL | {"hall"})
    assert (after.epoch, after.password == made.password) == (made.epoch + 1, False)


@pytest.mark.parametrize(
    "changes", [{"name": "New"}, {"phone": "+4930123456"}, {"active": True}, {"sites": CENTRAL}]
)
def test_other_edits_leave_the_password(world: World, changes: dict[str, object]) -> None:
    new = users.NewUser("new@example.com", "New", Role.STAFF, CENTRAL, password=PASSWORD)
    made = users.create_user(world.deps, world.admin, new, source_ip=IP)
    assert edit(world, made.actor(), world.admin, **changes).password == made.password


def test_a_role_leaves_the_password_that_a_reader_of_the_mailbox_chose(world: World) -> None:
    before = account_of(world, world.user).with_password("hash", "", by_link=True)
    world.deps.commit(saving(before))
    after = edit(world, world.user, world.admin, role=Role.STAFF, sites=CENTRAL)
    assert (after.password, after.epoch) == (before.password, before.epoch)


def test_a_role_counts_when_the_address_is_proved_and_not_before(world: World) -> None:
    """Staff taken on with a password act as customers until they follow the link."""
    new = users.NewUser("new@example.com", "New", Role.OWNER, CENTRAL, password=PASSWORD)
    made = users.create_user(world.deps, world.admin, new, source_ip=IP)
    signed_in = sign_in.login(world.deps, "new@example.com", PASSWORD, source_ip=IP)
    claims = world.deps.tokens.read_access(signed_in.access, NOON)
    assert (claims.role, claims.sites) == (Role.USER, frozenset())
    before = sign_in.authenticate(world.deps, signed_in.access)
    assert (before.role, before.sites) == (Role.USER, frozenset())
    verified = world.deps.accounts.get(made.account_id).evolve(verified=True)
    world.deps.commit(saving(verified))
    after = sign_in.authenticate(world.deps, signed_in.access)
    assert (after.role, after.sites) == (Role.OWNER, CENTRAL)


# -- bookings (B5)


def test_two_live_bookings_at_most_until_the_address_is_proved(
    world: World, stranger: Actor
) -> None:
    first, _ = world.book(stranger), world.book(stranger)
    with pytest.raises(errors.AddressNotVerified):
        world.book(stranger)
    bookings.cancel(world.deps, stranger, first.booking_id)
    assert world.book(stranger).user_id == stranger.account_id


def test_a_proved_address_may_have_more(world: World, stranger: Actor) -> None:
    for _ in range(2):
        world.book(stranger)
    world.deps.commit(saving(account_of(world, stranger).evolve(verified=True)))
    assert world.book(stranger).user_id == stranger.account_id


def test_a_group_counts_as_many_as_it_has(world: World, stranger: Actor) -> None:
    order = Order("zone-a", quantity=3)
    with pytest.raises(errors.AddressNotVerified):
        book_group.book(world.deps, stranger, order)
    assert len(book_group.book(world.deps, stranger, replace(order, quantity=2)).bookings) == 2
    with pytest.raises(errors.AddressNotVerified):
        world.book(stranger)


def test_of_ten_bookings_at_once_two_are_made(world: World, stranger: Actor) -> None:
    world.add_zone("wide", builders.METERED, spaces=20)
    outcome = rush([lambda: world.book(stranger, zone="wide")] * 10)
    assert len(outcome.answers) == 2
    assert {type(each) for each in outcome.refusals} == {errors.AddressNotVerified}


def test_staff_book_for_any_number_of_guests(world: World) -> None:
    ravi = (Guest("Ravi", "ravi@example.com"),)
    assert [world.book(world.staff, guests=ravi).details.guests for _ in range(3)] == [ravi] * 3


def test_who_proved_no_address_joins_no_waitlist(
    world: World, stranger: Actor, clock: Clock
) -> None:
    hall = Hall(world, clock)
    hall.book()
    with pytest.raises(errors.AddressNotVerified):
        hall.join(stranger)


# -- mails (B5)


def test_only_the_verification_mail_goes_to_an_address_nobody_proved_without_what_was_typed(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    booking = world.book(stranger, owner_name=SPAM, purpose=SPAM)
    world.enter(booking)
    clock.move(minutes=30)
    world.leave(booking, "100")
    sweep(office)
    assert [(mail.to, mail.subject) for mail in mailer.sent] == [
        ("victim@example.com", "Confirm your email address")
    ]
    [mail] = mailer.sent
    for typed in ("won", "evil"):
        assert typed not in mail.text
        assert typed not in mail.html


def test_three_mails_a_day_at_most_ask_for_proof(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    office = replace(office, settings=replace(office.settings, limits_factor=1))
    names: tuple[MailName, ...] = ("verify_email", "reset_password")
    for name in names * 4:
        post(office, effect.mail(name, stranger.account_id))
        clock.move(minutes=5)
        sweep(office)
    assert len(mailer.sent) == 3
    clock.move(hours=24)
    post(office, effect.mail("verify_email", stranger.account_id))
    clock.move(minutes=5)
    sweep(office)
    assert len(mailer.sent) == 4


def ask_as_new(world: World, office: Deps, who: Actor, clock: Clock, times: int = 1) -> None:
    """Ask for the address of the victim as a new one, and let the mails leave."""
    wanted = account_of(world, who).evolve(pending_email="victim@example.com")
    world.deps.commit(saving(wanted))
    for _ in range(times):
        post(office, effect.mail("change_email", who.account_id))
        clock.move(minutes=5)
        sweep(office)


def test_who_asks_for_an_address_as_new_takes_no_mail_from_its_owner(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    office = replace(office, settings=replace(office.settings, limits_factor=1))
    ask_as_new(world, office, world.user, clock, times=5)
    assert len(mailer.sent) == mailboxes.MOST_OF_ONE
    sign_in.register(
        world.deps, email="victim@example.com", password=PASSWORD, name="Al", phone=None,
        source_ip=IP,
    )  # fmt: skip
    clock.move(minutes=5)
    sweep(office)
    assert mailer.sent[-1].subject == "Confirm your email address"
    profile.forgot_password(world.deps, "victim@example.com", source_ip=IP)
    clock.move(minutes=5)
    sweep(office)
    assert mailer.sent[-1].subject == "Choose a new password"


def test_one_account_leaves_another_its_links_to_the_same_new_address(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    office = replace(office, settings=replace(office.settings, limits_factor=1))
    ask_as_new(world, office, world.user, clock, times=9)
    ask_as_new(world, office, world.other, clock)
    assert len(mailer.sent) == mailboxes.MOST_OF_ONE + 1
    moved = profile.verify_email(world.deps, link_in(mailer), source_ip=IP)
    assert moved.account_id == world.other.account_id


def test_an_address_gets_a_bounded_number_of_mails_a_day_from_all_who_ask_for_it_as_new(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    office = replace(office, settings=replace(office.settings, limits_factor=1))
    for number in range(mailboxes.MOST_AS_NEW):
        ask_as_new(world, office, world.add_account(f"twin{number}"), clock, times=2)
    assert len(mailer.sent) == mailboxes.MOST_AS_NEW
    clock.move(hours=24)
    ask_as_new(world, office, world.user, clock)
    assert len(mailer.sent) == mailboxes.MOST_AS_NEW + 1


def test_the_link_of_an_admin_is_not_among_the_three(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    office = replace(office, settings=replace(office.settings, limits_factor=1))
    for _ in range(4):
        post(office, effect.mail("reset_password", stranger.account_id))
    clock.move(minutes=5)
    sweep(office)
    edit(world, stranger, world.admin, role=Role.STAFF, sites=CENTRAL)
    clock.move(minutes=5)
    sweep(office)
    assert len(mailer.sent) == 4


def test_when_the_address_is_proved_the_confirmations_come(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    booking = world.book(stranger, start=NOON + timedelta(hours=5))
    clock.move(minutes=3)
    sweep(office)
    profile.verify_email(world.deps, link_in(mailer), source_ip=IP)
    clock.move(minutes=3)
    sweep(office)
    assert booking.booking_id in mailer.sent[-1].text
    assert len(mailer.sent) == 2


def test_a_group_is_confirmed_once_when_the_address_is_proved(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    start = NOON + timedelta(hours=5)
    made = book_group.book(world.deps, stranger, Order("zone-a", quantity=2, start=start))
    clock.move(minutes=3)
    sweep(office)
    profile.verify_email(world.deps, link_in(mailer), source_ip=IP)
    clock.move(minutes=3)
    sweep(office)
    assert len(mailer.sent) == 2
    assert all(each.booking_id in mailer.sent[-1].text for each in made.bookings)


def test_a_reminder_to_an_address_nobody_proved_is_lost_and_cancels_nothing(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    world.add_zone("halls", builders.VENUE, kind="venue", tariff=builders.FREE)
    booking = world.book_hall(stranger)
    post(office, effect.mail("reminder", booking.booking_id))
    clock.move(minutes=5)
    report = sweep(office)
    assert (report.failed, report.parked) == (0, 0)
    assert [mail.subject for mail in mailer.sent] == ["Confirm your email address"]


def test_a_guest_of_the_desk_gets_the_mails_that_staff_ordered(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    world.book(world.staff, guests=(Guest("Ravi", "ravi@example.com"),))
    clock.move(minutes=3)
    sweep(office)
    assert [mail.to for mail in mailer.sent] == ["ravi@example.com"]


@pytest.mark.parametrize("name", [SPAM, "evil.example", "me@evil.example", "evil。example"])
def test_no_mail_makes_a_link_of_a_name(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock, name: str
) -> None:
    details = BookingDetails(owner_name=name, purpose=name, guests=(Guest(name, "g@example.com"),))
    bookings.book(world.deps, world.staff, Order("zone-a", details=details))
    world.deps.commit(saving(account_of(world, world.user).evolve(name=name)))
    profile.forgot_password(world.deps, "user1@example.com", source_ip=IP)
    clock.move(minutes=3)
    sweep(office)
    assert len(mailer.sent) == 2
    for mail in mailer.sent:
        for part in (mail.subject, mail.text, mail.html):
            assert not re.search(r"evil[.。]example|https://evil|me@evil", part)


def test_no_calendar_file_makes_a_link_of_a_name(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    details = BookingDetails(guests=(Guest(SPAM, "g@example.com"),))
    bookings.book(world.deps, world.staff, Order("zone-a", details=details))
    clock.move(minutes=3)
    sweep(office)
    [file] = mailer.sent[0].attachments
    assert b"mailto:g@example.com" in file.content.replace(b"\r\n ", b"")
    assert b"evil" not in file.content
