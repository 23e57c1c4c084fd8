"""An address that is not verified and turns out to be wrong: who opened the account with it, or
reads there, gets nothing (docs/rules/accounts.md, A new address)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.services.accounts import mailboxes, profile, sign_in, users
from chalicelib.services.core.deps import Deps
from tests.batches import sweep
from tests.clock import Clock
from tests.fake_mailer import FakeMailer
from tests.world import World

IP = "203.0.113.9"
WRONG, RIGHT = "wrong@example.com", "sam@example.net"
PASSWORD, NEW_PASSWORD = "a quiet harbour 9", "a loud station 4"
CENTRAL = frozenset({"central"})


@pytest.fixture
def stranger(world: World) -> Actor:
    """An account that a stranger has opened, who knows its password."""
    account = sign_in.register(
        world.deps, email=WRONG, password=PASSWORD, name="Sam", phone=None, source_ip=IP
    )
    return account.actor()


@pytest.fixture
def colleague(world: World) -> Actor:
    """An account of staff that an admin has created for an address with a slip in it."""
    new = users.NewUser(WRONG, "Sam", Role.STAFF, CENTRAL, password=PASSWORD)
    return users.create_user(world.deps, world.admin, new, source_ip=IP).actor()


def edit(world: World, who: Actor, **changes: Any) -> Account:
    return users.edit_user(world.deps, world.admin, who.account_id, changes, source_ip=IP)


def login(deps: Deps, name: str) -> Account:
    return sign_in.login(deps, name, PASSWORD, source_ip=IP).account


def subjects(office: Deps, mailer: FakeMailer, clock: Clock, to: str) -> list[str]:
    """The mails to an address, after all that waits has been sent."""
    clock.move(minutes=3)
    sweep(office)
    return [mail.subject for mail in mailer.sent if mail.to == to]


def link_to(mailer: FakeMailer, to: str) -> str:
    """The link of the last mail to an address."""
    text = [mail.text for mail in mailer.sent if mail.to == to][-1]
    found = re.search(r"https://berth\.example\.com/l/(\S+)", text)
    assert found is not None
    return found[1]


def test_the_password_of_a_stranger_does_not_move_to_the_right_address(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    edit(world, stranger, email=RIGHT)
    subjects(office, mailer, clock, RIGHT)
    profile.verify_email(world.deps, link_to(mailer, RIGHT), source_ip=IP)
    edit(world, stranger, role=Role.STAFF, sites=CENTRAL)
    with pytest.raises(errors.BadCredentials):
        login(world.deps, RIGHT)
    assert subjects(office, mailer, clock, RIGHT)[-1] == "Choose a new password"
    profile.reset_password(world.deps, link_to(mailer, RIGHT), NEW_PASSWORD, source_ip=IP)
    assert world.deps.accounts.get(stranger.account_id).actor().works_at("central")


def test_who_reads_at_the_wrong_address_gets_no_link_to_the_rights(
    world: World, colleague: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    edit(world, colleague, email=RIGHT)
    before = subjects(office, mailer, clock, WRONG)
    profile.forgot_password(world.deps, WRONG, source_ip=IP)
    sign_in.register(
        world.deps, email=WRONG, password=NEW_PASSWORD, name="Ravi", phone=None, source_ip=IP
    )
    assert subjects(office, mailer, clock, WRONG) == before
    with pytest.raises(errors.BadCredentials):
        login(world.deps, WRONG)


def test_a_role_that_comes_with_the_right_address_is_mailed_there_alone(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    before = subjects(office, mailer, clock, WRONG)
    edit(world, stranger, email=RIGHT, role=Role.STAFF, sites=CENTRAL)
    assert subjects(office, mailer, clock, WRONG) == before
    profile.verify_email(world.deps, link_to(mailer, RIGHT), source_ip=IP)
    assert subjects(office, mailer, clock, RIGHT)[-1] == "Choose a new password"


def test_a_role_given_before_the_right_address_is_proved_is_mailed_there_alone(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    edit(world, stranger, email=RIGHT)
    before = subjects(office, mailer, clock, WRONG)
    edit(world, stranger, role=Role.STAFF, sites=CENTRAL)
    assert subjects(office, mailer, clock, WRONG) == before
    proved = profile.verify_email(world.deps, link_to(mailer, RIGHT), source_ip=IP)
    assert (proved.email, proved.role, proved.verified) == (RIGHT, Role.STAFF, True)


def test_strangers_cannot_use_up_the_mails_of_a_correction(
    world: World, colleague: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    office = replace(office, settings=replace(office.settings, limits_factor=1))
    for number in range(mailboxes.MOST_AS_NEW + 1):
        other = sign_in.register(
            world.deps, email=f"other{number}@example.com", password=PASSWORD, name="Ravi",
            phone=None, source_ip=IP,
        )  # fmt: skip
        profile.edit(world.deps, other.actor(), {}, email=RIGHT, current=PASSWORD, source_ip=IP)
    assert len(subjects(office, mailer, clock, RIGHT)) == mailboxes.MOST_AS_NEW
    edit(world, colleague, email=RIGHT)
    assert len(subjects(office, mailer, clock, RIGHT)) == mailboxes.MOST_AS_NEW + 1
    assert profile.verify_email(world.deps, link_to(mailer, RIGHT), source_ip=IP).verified


def test_a_correction_can_be_withdrawn(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    edit(world, stranger, email=RIGHT)
    edit(world, stranger, email=WRONG)
    profile.forgot_password(world.deps, WRONG, source_ip=IP)
    assert "Choose a new password" in subjects(office, mailer, clock, WRONG)


@pytest.mark.parametrize(
    "changes",
    [{"role": Role.STAFF, "sites": CENTRAL}, {"active": False}, {"active": False, "name": "Sam"}],
)
def test_an_edit_that_ends_the_sign_ins_withdraws_what_they_have_asked_for(
    world: World, stranger: Actor, changes: dict[str, Any]
) -> None:
    profile.edit(world.deps, stranger, {}, email=RIGHT, current=PASSWORD, source_ip=IP)
    assert edit(world, stranger, **changes).pending_email is None


def test_a_new_password_withdraws_a_request_whose_mail_is_still_to_be_sent(
    world: World, stranger: Actor, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    deps = world.deps
    subjects(office, mailer, clock, WRONG)
    profile.forgot_password(deps, WRONG, source_ip=IP)
    subjects(office, mailer, clock, WRONG)
    profile.edit(deps, stranger, {}, email=RIGHT, current=PASSWORD, source_ip=IP)
    owner = profile.reset_password(deps, link_to(mailer, WRONG), NEW_PASSWORD, source_ip=IP)
    assert owner.pending_email is None
    assert subjects(office, mailer, clock, RIGHT) == []
