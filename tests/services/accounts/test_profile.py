from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.services.accounts import mailboxes, profile, sign_in
from chalicelib.services.core.deps import Deps
from chalicelib.store.outbox import OutboxItem
from local.metering import Meter
from tests.clock import NOON, Clock

ADDRESS = "203.0.113.9"
OLD, NEW = "correct horse 7", "battery staple 8"
EMAIL = "asha@example.com"
UNTIL = NOON + timedelta(hours=1)


@pytest.fixture
def asha(deps: Deps) -> Account:
    account = Account("US7Q2M9X4T", EMAIL, "Asha Rao", deps.passwords.hash(OLD), NOON)
    deps.commit(saving(account))
    return account


@pytest.fixture
def actor(asha: Account) -> Actor:
    return asha.actor()


def a_link(deps: Deps, purpose: LinkPurpose, account: Account) -> str:
    return deps.tokens.link(purpose, account.account_id, account.epoch, UNTIL)


def mails(deps: Deps) -> list[str]:
    return [effect["name"] for item in OutboxItem.query("waiting.0") for effect in item.effects]


def actions(deps: Deps) -> list[tuple[str, str]]:
    events = deps.audit.list_day(None, deps.now().date(), 100).events
    return [(event.action, event.outcome) for event in reversed(events)]


def can_sign_in(deps: Deps, password: str) -> bool:
    try:
        sign_in.login(deps, EMAIL, password, source_ip=ADDRESS)
    except errors.BadCredentials:
        return False
    return True


def test_an_address_is_proved_by_its_link_as_often_as_it_is_followed(
    deps: Deps, asha: Account
) -> None:
    link = a_link(deps, "verify_email", asha)
    for _ in range(2):
        assert profile.verify_email(deps, link, source_ip=ADDRESS).verified
    assert deps.accounts.get(asha.account_id).verified
    assert actions(deps) == [("verify_email", "allowed")]


def test_a_link_of_another_kind_proves_nothing(deps: Deps, asha: Account) -> None:
    with pytest.raises(errors.LinkExpired):
        profile.verify_email(deps, a_link(deps, "reset_password", asha), source_ip=ADDRESS)
    with pytest.raises(errors.LinkExpired):
        profile.reset_password(deps, a_link(deps, "verify_email", asha), NEW, source_ip=ADDRESS)


def test_a_link_to_an_account_that_is_gone_has_expired(deps: Deps, asha: Account) -> None:
    stranger = Account("US00000000", "x@example.com", "X", "-", NOON)
    with pytest.raises(errors.LinkExpired):
        profile.verify_email(deps, a_link(deps, "verify_email", stranger), source_ip=ADDRESS)
    deps.commit(saving(asha.evolve(active=False)))
    with pytest.raises(errors.LinkExpired):
        profile.verify_email(deps, a_link(deps, "verify_email", asha), source_ip=ADDRESS)


def test_who_forgot_a_password_gets_a_mail(deps: Deps, asha: Account) -> None:
    profile.forgot_password(deps, "ASHA@example.com", source_ip=ADDRESS)
    assert mails(deps) == ["reset_password"]
    assert actions(deps) == [("forgot_password", "allowed")]


def test_nobody_is_mailed_about_an_account_that_is_not_there(deps: Deps, asha: Account) -> None:
    profile.forgot_password(deps, "nobody@example.com", source_ip=ADDRESS)
    assert mails(deps) == []
    assert actions(deps) == [("forgot_password", "ACCOUNT_NOT_FOUND")]


def test_a_mailbox_is_not_flooded(deps: Deps, asha: Account, clock: Clock) -> None:
    strict = replace(deps, settings=replace(deps.settings, limits_factor=1))
    for _ in range(mailboxes.MOST_ASKED + 2):
        profile.forgot_password(strict, EMAIL, source_ip=ADDRESS)
    assert mails(deps) == ["reset_password"] * mailboxes.MOST_ASKED
    clock.move(hours=1)
    profile.forgot_password(strict, EMAIL, source_ip=ADDRESS)
    assert mails(deps) == ["reset_password"] * (mailboxes.MOST_ASKED + 1)


def test_a_link_from_the_mailbox_sets_a_new_password_and_unlocks(deps: Deps, asha: Account) -> None:
    for _ in range(5):
        assert not can_sign_in(deps, "wrong horse 1")
    link = a_link(deps, "reset_password", asha)
    assert profile.reset_password(deps, link, NEW, source_ip=ADDRESS).verified
    assert can_sign_in(deps, NEW)
    assert not can_sign_in(deps, OLD)
    assert ("reset_password", "allowed") in actions(deps)
    with pytest.raises(errors.LockedOut):  # elsewhere the lock stands, as for a name nobody has
        sign_in.login(deps, EMAIL, NEW, source_ip="198.51.100.7")


def test_a_reset_link_works_once(deps: Deps, asha: Account) -> None:
    link = a_link(deps, "reset_password", asha)
    profile.reset_password(deps, link, NEW, source_ip=ADDRESS)
    with pytest.raises(errors.LinkExpired):
        profile.reset_password(deps, link, "another one 9", source_ip=ADDRESS)


def test_a_used_reset_link_is_no_better_way_to_guess_than_a_sign_in(
    deps: Deps, asha: Account
) -> None:
    link = a_link(deps, "reset_password", asha)
    profile.reset_password(deps, link, NEW, source_ip=ADDRESS)
    for number in range(5):
        with pytest.raises(errors.LinkExpired):
            profile.reset_password(deps, link, f"a guess {number}", source_ip="198.51.100.7")
    for guess in (NEW, "a guess 6"):
        with pytest.raises(errors.LockedOut):
            profile.reset_password(deps, link, guess, source_ip="198.51.100.7")
    with pytest.raises(errors.LockedOut):
        sign_in.login(deps, EMAIL, NEW, source_ip="198.51.100.7")
    assert can_sign_in(deps, NEW)


def test_a_reset_link_from_before_the_last_one_says_nothing(deps: Deps, asha: Account) -> None:
    link = a_link(deps, "reset_password", asha)
    profile.reset_password(deps, link, NEW, source_ip=ADDRESS)
    deps.commit(saving(deps.accounts.get(asha.account_id).evolve(epoch=2)))
    for guess in [NEW] * 6:
        with pytest.raises(errors.LinkExpired):
            profile.reset_password(deps, link, guess, source_ip=ADDRESS)


def test_a_forgotten_password_takes_the_same_steps_whether_the_account_exists_or_not(
    deps: Deps, asha: Account, meter: Meter
) -> None:
    steps = []
    for email in (EMAIL, "nobody@example.com"):
        meter.reset()
        profile.forgot_password(deps, email, source_ip=ADDRESS)
        steps.append(meter.snapshot().requests)
    assert steps[0] == steps[1] == {"UpdateItem": 1, "GetItem": 1, "TransactWriteItems": 1}


def test_a_double_click_on_a_reset_link_sets_the_password_once(deps: Deps, asha: Account) -> None:
    link = a_link(deps, "reset_password", asha)
    first = profile.reset_password(deps, link, NEW, source_ip=ADDRESS)
    assert profile.reset_password(deps, link, NEW, source_ip=ADDRESS) == first
    assert actions(deps).count(("reset_password", "allowed")) == 1


def test_a_reset_link_works_until_it_expires(deps: Deps, asha: Account, clock: Clock) -> None:
    link = a_link(deps, "reset_password", asha)
    clock.set(UNTIL)
    with pytest.raises(errors.LinkExpired):
        profile.reset_password(deps, link, NEW, source_ip=ADDRESS)


def test_a_poor_new_password_leaves_the_link_as_it_was(deps: Deps, asha: Account) -> None:
    link = a_link(deps, "reset_password", asha)
    with pytest.raises(errors.Invalid):
        profile.reset_password(deps, link, EMAIL, source_ip=ADDRESS)
    profile.reset_password(deps, link, NEW, source_ip=ADDRESS)


def test_a_new_password_ends_every_sign_in(deps: Deps, asha: Account) -> None:
    made = sign_in.login(deps, EMAIL, OLD, source_ip=ADDRESS)
    account = deps.accounts.get(asha.account_id)
    profile.reset_password(deps, a_link(deps, "reset_password", account), NEW, source_ip=ADDRESS)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(deps, made.access)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.refresh(deps, made.refresh, source_ip=ADDRESS)


def test_a_password_is_changed_by_who_knows_it(deps: Deps, actor: Actor) -> None:
    made = sign_in.login(deps, EMAIL, OLD, source_ip=ADDRESS)
    profile.change_password(deps, actor, current=OLD, password=NEW, source_ip=ADDRESS)
    assert can_sign_in(deps, NEW)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(deps, made.access)


def test_guessing_the_current_password_locks_the_account(deps: Deps, actor: Actor) -> None:
    for _ in range(5):
        with pytest.raises(errors.Invalid) as refusal:
            profile.change_password(deps, actor, current="x", password=NEW, source_ip=ADDRESS)
        assert set(refusal.value.fields) == {"current_password"}
    with pytest.raises(errors.LockedOut):
        profile.change_password(deps, actor, current=OLD, password=NEW, source_ip=ADDRESS)
    assert can_sign_in(deps, OLD)  # and signing in is judged apart


def test_a_stranger_who_guesses_does_not_lock_those_who_are_signed_in(
    deps: Deps, actor: Actor
) -> None:
    for _ in range(5):
        assert not can_sign_in(deps, "wrong horse 1")
    profile.change_password(deps, actor, current=OLD, password=NEW, source_ip=ADDRESS)


def test_a_name_and_a_number_are_changed_and_traced(deps: Deps, actor: Actor) -> None:
    edited = profile.edit(deps, actor, {"name": "Asha", "phone": "12345"}, source_ip=ADDRESS)
    assert (edited.name, edited.phone) == ("Asha", "12345")
    assert profile.me(deps, actor) == edited
    assert actions(deps) == [("edit_me", "allowed")]


def test_an_edit_of_nothing_changes_nothing(deps: Deps, actor: Actor, asha: Account) -> None:
    assert profile.edit(deps, actor, {}, source_ip=ADDRESS) == asha


def test_password_and_name_may_change_together(deps: Deps, actor: Actor) -> None:
    edited = profile.edit(
        deps, actor, {"name": "Asha"}, current=OLD, password=NEW, source_ip=ADDRESS
    )
    assert (edited.name, edited.epoch) == ("Asha", 1)
    assert can_sign_in(deps, NEW)
