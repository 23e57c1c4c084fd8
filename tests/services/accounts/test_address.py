from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import saving
from chalicelib.gateways.passwords import NO_PASSWORD
from chalicelib.services.accounts import address, profile, sign_in, users
from chalicelib.services.bookings import links as booking_links
from chalicelib.services.core.deps import Deps
from chalicelib.store.outbox import OutboxItem
from tests.batches import sweep
from tests.clock import Clock
from tests.fake_mailer import FakeMailer
from tests.world import World

HERE = "203.0.113.9"
PASSWORD = "correct horse 7"
OLD, NEW = "user1@example.com", "asha@example.net"


@pytest.fixture
def asha(world: World) -> Account:
    """The account of the customer `user1`, proved, with PASSWORD."""
    account = world.deps.accounts.get(world.user.account_id)
    known = account.evolve(password=world.deps.passwords.hash(PASSWORD))
    world.deps.commit(saving(known))
    return known


def ask(deps: Deps, account: Account, email: str = NEW, password: str = PASSWORD) -> Account:
    return profile.edit(deps, account.actor(), {}, email=email, current=password, source_ip=HERE)


def link(deps: Deps, account_id: str) -> str:
    """The link to the pending address, as the mail has it now."""
    account = deps.accounts.get(account_id)
    until = deps.now() + timedelta(hours=24)
    return deps.tokens.link("change_email", address.subject(account), account.epoch, until)


def prove(deps: Deps, token: str) -> Account:
    return profile.verify_email(deps, token, source_ip=HERE)


def mails(deps: Deps) -> list[str]:
    waiting = [each for item in OutboxItem.query("waiting.0") for each in item.effects]
    return sorted(each["name"] for each in waiting)


def login(deps: Deps, name: str) -> sign_in.SignIn:
    return sign_in.login(deps, name, PASSWORD, source_ip=HERE)


def test_a_new_address_counts_when_its_link_was_followed(deps: Deps, asha: Account) -> None:
    asked = ask(deps, asha)
    assert (asked.email, asked.pending_email) == (OLD, NEW)
    assert login(deps, OLD).account.account_id == asha.account_id
    with pytest.raises(errors.BadCredentials):
        login(deps, NEW)
    moved = prove(deps, link(deps, asha.account_id))
    assert (moved.email, moved.pending_email, moved.verified) == (NEW, None, True)
    assert login(deps, NEW).account.account_id == asha.account_id
    with pytest.raises(errors.BadCredentials):
        login(deps, OLD)
    assert login(deps, "user1").account.email == NEW  # the user name stays


def test_the_former_address_can_be_registered_again(deps: Deps, asha: Account) -> None:
    ask(deps, asha)
    prove(deps, link(deps, asha.account_id))
    assert deps.accounts.id_of_login(OLD) is None
    again = sign_in.register(
        deps, email=OLD, password="another river 5", name="Ravi", phone=None, source_ip=HERE
    )
    assert deps.accounts.id_of_login(OLD) == again.account_id != asha.account_id


def test_a_new_address_ends_every_sign_in_and_voids_every_link_to_the_former_one(
    deps: Deps, asha: Account
) -> None:
    signed_in = login(deps, OLD)
    until = deps.now() + timedelta(hours=1)
    reset = deps.tokens.link("reset_password", asha.account_id, asha.epoch, until)
    ask(deps, asha)
    sign_in.authenticate(deps, signed_in.access)  # not yet
    prove(deps, link(deps, asha.account_id))
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(deps, signed_in.access)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.refresh(deps, signed_in.refresh, source_ip=HERE)
    with pytest.raises(errors.LinkExpired):
        profile.reset_password(deps, reset, "a third river 9", source_ip=HERE)


def test_the_links_of_bookings_that_the_former_address_received_lapse(
    deps: Deps, asha: Account, world: World
) -> None:
    booking = world.book_hall(world.user)
    mailed = booking_links.make(deps, booking, "cancel", to=OLD).rpartition("/")[2]
    ask(deps, asha)
    prove(deps, link(deps, asha.account_id))
    with pytest.raises(errors.LinkExpired):
        booking_links.cancel(deps, mailed)
    present = booking_links.make(deps, booking, "cancel", to=NEW).rpartition("/")[2]
    booking_links.cancel(deps, present)


def test_the_link_may_be_followed_twice_and_not_after_another_change(
    deps: Deps, asha: Account
) -> None:
    ask(deps, asha)
    token = link(deps, asha.account_id)
    assert not profile.is_verified(deps, token)
    assert prove(deps, token) == prove(deps, token)
    assert profile.is_verified(deps, token)
    assert profile.purpose_of(deps, token) == "change_email"
    moved = deps.accounts.get(asha.account_id)
    ask(deps, moved, "asha@example.org")
    prove(deps, link(deps, asha.account_id))
    with pytest.raises(errors.LinkExpired):
        prove(deps, token)


def test_a_used_link_shows_nothing_after_a_new_password(deps: Deps, asha: Account) -> None:
    token = link(deps, ask(deps, asha).account_id)
    moved = prove(deps, token)
    profile.change_password(
        deps, moved.actor(), current=PASSWORD, password="a third river 9", source_ip=HERE
    )
    with pytest.raises(errors.LinkExpired):
        prove(deps, token)


def test_a_link_is_void_for_an_address_asked_for_later(deps: Deps, asha: Account) -> None:
    first = link(deps, ask(deps, asha).account_id)
    ask(deps, asha, "asha@example.org")
    with pytest.raises(errors.LinkExpired):
        prove(deps, first)
    assert deps.accounts.get(asha.account_id).email == OLD


@pytest.mark.parametrize("withdrawn", ["by the present address", "by a new password", "closed"])
def test_a_request_can_be_withdrawn(deps: Deps, asha: Account, withdrawn: str) -> None:
    token = link(deps, ask(deps, asha).account_id)
    now = deps.accounts.get(asha.account_id)
    if withdrawn == "by the present address":
        assert ask(deps, asha, OLD.upper()).pending_email is None
    elif withdrawn == "by a new password":
        until = deps.now() + timedelta(hours=1)
        reset = deps.tokens.link("reset_password", asha.account_id, now.epoch, until)
        profile.reset_password(deps, reset, "a third river 9", source_ip=HERE)
    else:
        deps.commit(saving(now.evolve(active=False)))
    with pytest.raises(errors.LinkExpired):
        prove(deps, token)
    assert deps.accounts.get(asha.account_id).email == OLD


def test_the_password_is_asked_for_and_a_wrong_one_counts(deps: Deps, asha: Account) -> None:
    roomy = replace(deps, settings=replace(deps.settings, limits_factor=100))
    for _ in range(5):
        with pytest.raises(errors.Invalid) as refusal:
            ask(roomy, asha, password="a wrong one")
        assert set(refusal.value.fields) == {"current_password"}
    with pytest.raises(errors.LockedOut):
        ask(roomy, asha)
    assert deps.accounts.get(asha.account_id).pending_email is None


def test_a_taken_address_is_asked_for_like_any_other_and_refused_to_its_reader_alone(
    deps: Deps, asha: Account, world: World
) -> None:
    other = deps.accounts.get(world.other.account_id)
    assert ask(deps, asha, other.email).pending_email == other.email
    token = link(deps, asha.account_id)
    with pytest.raises(errors.EmailTaken):
        prove(deps, token)
    assert deps.accounts.get(asha.account_id).email == OLD
    assert deps.accounts.id_of_login(OLD) == asha.account_id
    assert deps.accounts.id_of_login(other.email) == other.account_id


@pytest.mark.engine2
def test_of_two_accounts_that_prove_one_address_at_once_one_gets_it(
    deps: Deps, asha: Account, world: World
) -> None:
    hashed = deps.passwords.hash(PASSWORD)
    others = [deps.accounts.get(world.add_account(f"guest{n}").account_id) for n in range(3)]
    tokens = []
    for account in (asha, *others):
        deps.commit(saving(deps.accounts.get(account.account_id).evolve(password=hashed)))
        ask(deps, account)
        tokens.append(link(deps, account.account_id))

    def once(token: str) -> bool:
        try:
            prove(deps, token)
        except errors.EmailTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(once, tokens)) == 1
    owner = deps.accounts.get(deps.accounts.id_of_login(NEW) or "")
    assert owner.email == NEW


def test_an_account_asks_three_times_a_day(deps: Deps, asha: Account, clock: Clock) -> None:
    strict = replace(deps, settings=replace(deps.settings, limits_factor=1))
    for _ in range(3):
        ask(strict, asha)
    with pytest.raises(errors.TooMany) as refusal:
        ask(strict, asha)
    assert refusal.value.retry_after is not None
    clock.move(seconds=refusal.value.retry_after)
    ask(strict, asha)


def test_password_and_address_may_change_together(deps: Deps, asha: Account) -> None:
    edited = profile.edit(
        deps, asha.actor(), {"name": "Asha"}, email=NEW, password="a third river 9",
        current=PASSWORD, source_ip=HERE,
    )  # fmt: skip
    assert (edited.name, edited.pending_email, edited.epoch) == ("Asha", NEW, 1)
    assert prove(deps, link(deps, asha.account_id)).email == NEW


def test_a_refused_address_leaves_the_password_as_it_is(deps: Deps, asha: Account) -> None:
    strict = replace(deps, settings=replace(deps.settings, limits_factor=1))
    for _ in range(3):
        ask(strict, asha)
    with pytest.raises(errors.TooMany):
        profile.edit(
            strict, asha.actor(), {}, email=NEW, password="a third river 9", current=PASSWORD,
            source_ip=HERE,
        )  # fmt: skip
    assert login(deps, OLD).account.epoch == asha.epoch


def test_the_new_address_gets_the_link_and_the_present_one_a_notice(
    office: Deps, asha: Account, mailer: FakeMailer, clock: Clock
) -> None:
    ask(office, asha)
    assert mails(office) == ["change_email", "email_changing"]
    clock.move(minutes=2)
    sweep(office)
    by_reader = {message.to: message for message in mailer.sent}
    assert by_reader.keys() == {NEW, OLD}
    assert "Asha" not in by_reader[NEW].text
    assert NEW not in by_reader[OLD].text
    token = next(
        line.rpartition("/")[2] for line in by_reader[NEW].text.splitlines() if "/l/" in line
    )
    assert prove(office, token).email == NEW
    mailer.sent.clear()
    clock.move(minutes=2)
    sweep(office)
    [done] = mailer.sent
    assert (done.to, done.subject) == (OLD, "Your email address has changed")


def test_the_notice_stops_the_change(
    office: Deps, asha: Account, mailer: FakeMailer, clock: Clock
) -> None:
    ask(office, asha)
    clock.move(minutes=2)
    sweep(office)
    notice = next(message for message in mailer.sent if message.to == OLD)
    reset = next(line.rpartition("/")[2] for line in notice.text.splitlines() if "/l/" in line)
    pending = link(office, asha.account_id)
    profile.reset_password(office, reset, "a third river 9", source_ip=HERE)
    with pytest.raises(errors.LinkExpired):
        prove(office, pending)


def test_an_address_that_nobody_proved_gets_no_notice(deps: Deps, asha: Account) -> None:
    deps.commit(saving(deps.accounts.get(asha.account_id).evolve(verified=False)))
    ask(deps, asha)
    prove(deps, link(deps, asha.account_id))
    assert mails(deps) == ["change_email"]


def test_proving_a_new_address_costs_a_read_of_the_account_and_of_the_mailbox_and_a_transaction(
    deps: Deps, asha: Account, meter: Any
) -> None:
    token = link(deps, ask(deps, asha).account_id)
    meter.reset()
    prove(deps, token)
    assert meter.snapshot().requests == {"GetItem": 2, "TransactWriteItems": 1}


def test_erasure_forgets_the_pending_and_the_former_address(deps: Deps, asha: Account) -> None:
    ask(deps, asha)
    prove(deps, link(deps, asha.account_id))
    ask(deps, deps.accounts.get(asha.account_id), "asha@example.org")
    gone = deps.accounts.get(asha.account_id).forgotten(NO_PASSWORD)
    assert (gone.pending_email, gone.former_email) == (None, None)


# -- those who run a site, and admins


def edit(world: World, by: Actor, account_id: str, **changes: Any) -> Account:
    return users.edit_user(world.deps, by, account_id, changes, source_ip=HERE)


def test_owners_ask_for_their_staff_and_admins_for_all(world: World) -> None:
    staff, customer = world.staff.account_id, world.user.account_id
    asked = edit(world, world.owner, staff, email=NEW, name="Sam")
    assert (asked.email, asked.pending_email, asked.name) == ("staff1@example.com", NEW, "Sam")
    with pytest.raises(errors.AccountNotFound):
        edit(world, world.owner, customer, email=NEW)
    edit(world, world.admin, customer, email="ravi@example.net")
    moved = prove(world.deps, link(world.deps, customer))
    assert moved.email == "ravi@example.net"


def test_an_owner_asks_for_no_staff_of_another_site(world: World) -> None:
    world.add_site("elsewhere")
    stranger = world.add_account("staffx", Role.STAFF, "elsewhere")
    both = world.add_account("staffy", Role.STAFF, "central", "elsewhere")
    with pytest.raises(errors.AccountNotFound):
        edit(world, world.owner, stranger.account_id, email=NEW)
    with pytest.raises(errors.Forbidden):
        edit(world, world.owner, both.account_id, email=NEW)


def test_a_refused_request_of_an_owner_is_not_one_of_the_three_of_the_account(
    world: World, asha: Account
) -> None:
    strict = replace(world.deps, settings=replace(world.deps.settings, limits_factor=1))
    for _ in range(3):
        with pytest.raises(errors.AccountNotFound):
            users.edit_user(strict, world.owner, asha.account_id, {"email": NEW}, source_ip=HERE)
    assert ask(strict, asha).pending_email == NEW


def test_nobody_changes_their_own_address_without_the_password(world: World) -> None:
    with pytest.raises(errors.Forbidden):
        edit(world, world.admin, world.admin.account_id, email=NEW)


def test_a_correction_voids_the_links_that_a_wrong_address_has_received(world: World) -> None:
    new = users.NewUser("wrong@example.com", "Sam", Role.STAFF, frozenset({"central"}))
    sam = users.create_user(world.deps, world.admin, new, source_ip=HERE)
    until = world.deps.now() + timedelta(hours=1)
    reset = world.deps.tokens.link("reset_password", sam.account_id, sam.epoch, until)
    edit(world, world.owner, sam.account_id, email=NEW)
    with pytest.raises(errors.LinkExpired):
        profile.reset_password(world.deps, reset, PASSWORD, source_ip=HERE)


def test_who_never_had_a_password_chooses_one_after_the_proof(world: World) -> None:
    new = users.NewUser("wrong@example.com", "Sam", Role.STAFF, frozenset({"central"}))
    sam = users.create_user(world.deps, world.admin, new, source_ip=HERE)
    edit(world, world.owner, sam.account_id, email=NEW)
    before = mails(world.deps).count("reset_password")
    moved = prove(world.deps, link(world.deps, sam.account_id))
    assert mails(world.deps).count("reset_password") == before + 1
    assert moved.actor().works_at("central")
