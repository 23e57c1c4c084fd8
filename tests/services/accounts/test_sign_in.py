from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import saving
from chalicelib.gateways.passwords import NO_PASSWORD, Passwords
from chalicelib.gateways.tokens import ACCESS_LIFE, REFRESH_LIFE
from chalicelib.services.accounts import sign_in
from chalicelib.services.accounts.sign_in import SignIn
from chalicelib.services.core.deps import Deps, Replay
from chalicelib.store.outbox import OutboxItem
from local import demo
from local.metering import Meter
from tests.clock import NOON, Clock

ADDRESS, FAR = "203.0.113.9", "198.51.100.7"
RIGHT, WRONG = "correct horse 7", "incorrect horse 7"
EMAIL = "asha@example.com"


@pytest.fixture
def asha(deps: Deps) -> Account:
    return register(deps)


def register(deps: Deps, email: str = EMAIL, **wishes: Any) -> Account:
    wishes = {"password": RIGHT, "name": "Asha Rao", "phone": None} | wishes
    return sign_in.register(deps, email=email, source_ip=ADDRESS, **wishes)


def login(deps: Deps, name: str = EMAIL, password: str = RIGHT) -> SignIn:
    return sign_in.login(deps, name, password, source_ip=ADDRESS)


def refresh(deps: Deps, made: SignIn) -> SignIn:
    return sign_in.refresh(deps, made.refresh, source_ip=ADDRESS)


def fail(deps: Deps, times: int, name: str = EMAIL) -> None:
    for _ in range(times):
        with pytest.raises(errors.BadCredentials):
            login(deps, name, WRONG)


def trail(deps: Deps) -> list[AuditEvent]:
    """Today's events that belong to no site, oldest first."""
    return list(reversed(deps.audit.list_day(None, deps.now().date(), 100).events))


def outcomes(deps: Deps, action: str) -> list[str]:
    return sorted(event.outcome for event in trail(deps) if event.action == action)


def mails(deps: Deps) -> list[tuple[str, str]]:
    """The mails that wait to be sent, and whom they are about."""
    waiting = [each for item in OutboxItem.query("waiting.0") for each in item.effects]
    return [(each["name"], each["subject_id"]) for each in waiting]


def change(deps: Deps, account: Account, **fields: Any) -> None:
    deps.commit(saving(deps.accounts.get(account.account_id).evolve(**fields)))


# -- signing up ------------------------------------------------------------------------------------


def test_somebody_who_registers_is_a_customer_who_can_sign_in(deps: Deps) -> None:
    account = register(deps, "Asha@Example.com", phone="+91 98450 12345")
    assert (account.email, account.role, account.verified) == (EMAIL, Role.USER, False)
    assert login(deps).account.account_id == account.account_id


def test_registering_sends_a_mail_and_leaves_a_trace(deps: Deps, asha: Account) -> None:
    assert mails(deps) == [("verify_email", asha.account_id)]
    (event,) = trail(deps)
    assert (event.action, event.actor, event.source_ip) == ("register", asha.account_id, ADDRESS)


@pytest.mark.parametrize("email", [EMAIL, "ASHA@example.com"])
def test_an_address_that_has_an_account_is_answered_like_a_new_one_and_mailed(
    deps: Deps, asha: Account, email: str
) -> None:
    wishes = {"password": "another river 5", "name": "Ravi", "phone": "+91 98450 12345"}
    seeming = register(deps, email, **wishes)
    assert seeming.account_id != asha.account_id
    new = register(deps, "ravi@example.com", **wishes)
    for field in dataclasses.fields(Account):
        if field.name not in ("account_id", "email", "password"):
            assert getattr(seeming, field.name) == getattr(new, field.name), field.name
    assert (seeming.email, seeming.password[:9]) == (EMAIL, new.password[:9])
    assert deps.accounts.get(asha.account_id) == asha
    with pytest.raises(errors.AccountNotFound):
        deps.accounts.get(seeming.account_id)
    assert mails(deps).count(("address_taken", asha.account_id)) == 1
    assert outcomes(deps, "register") == ["EMAIL_TAKEN", "allowed", "allowed"]


def test_registering_takes_the_same_steps_whether_the_address_has_an_account_or_not(
    deps: Deps, asha: Account, meter: Meter
) -> None:
    steps = []
    for email in (EMAIL, "ravi@example.com"):
        meter.reset()
        register(deps, email)
        steps.append(meter.snapshot().requests)
    assert steps[0] == steps[1] == {"GetItem": 1, "UpdateItem": 1, "TransactWriteItems": 1}


def test_an_address_is_mailed_three_times_a_day_about_registrations(
    deps: Deps, asha: Account, clock: Clock
) -> None:
    strict = dataclasses.replace(deps, settings=dataclasses.replace(deps.settings, limits_factor=1))
    for _ in range(5):
        register(strict)
    assert mails(deps).count(("address_taken", asha.account_id)) == 2  # and the first one
    clock.move(days=1)
    register(strict)
    assert mails(deps).count(("address_taken", asha.account_id)) == 3


def test_a_password_that_everybody_tries_is_refused(deps: Deps) -> None:
    with pytest.raises(errors.Invalid):
        register(deps, password="password123")
    assert deps.accounts.find_by_login(EMAIL) is None


@pytest.mark.engine2
def test_of_many_who_register_an_address_at_once_one_gets_it_and_all_the_same_answer(
    deps: Deps,
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: register(deps), range(8)))
    owner = deps.accounts.id_of_login(EMAIL)
    assert [each.account_id for each in answers].count(str(owner)) == 1
    assert len({(each.email, each.name, each.version) for each in answers}) == 1
    assert outcomes(deps, "register").count("allowed") == 1


def test_registering_again_after_a_crash_finds_the_first_account(deps: Deps) -> None:
    repeated = dataclasses.replace(deps, replay=Replay(NOON, b"the same request"))
    first = register(repeated)
    assert register(repeated).account_id == first.account_id


def test_two_people_are_never_one_account(deps: Deps) -> None:
    unlucky = dataclasses.replace(deps, random_bits=lambda bits: 5)
    first = register(unlucky)
    with pytest.raises(errors.AlreadyExists):
        register(unlucky, "ravi@example.com")
    assert deps.accounts.get(first.account_id).email == EMAIL


# -- signing in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [EMAIL, "ASHA@Example.com ", "asha"])
def test_a_person_signs_in_by_address_or_user_name(deps: Deps, name: str) -> None:
    account = Account(
        "US7Q2M9X4T", EMAIL, "Asha", deps.passwords.hash(RIGHT), NOON, username="asha"
    )
    deps.commit(saving(account))
    assert login(deps, name).account.account_id == account.account_id


def test_a_sign_in_opens_the_routes_for_a_day(deps: Deps, asha: Account, clock: Clock) -> None:
    made = login(deps)
    actor = sign_in.authenticate(deps, made.access)
    assert (actor.account_id, actor.role, actor.name) == (asha.account_id, Role.USER, "Asha Rao")
    clock.move(seconds=ACCESS_LIFE.total_seconds())
    with pytest.raises(errors.TokenExpired):
        sign_in.authenticate(deps, made.access)


def test_wrong_names_and_wrong_passwords_are_refused_alike(deps: Deps, asha: Account) -> None:
    refusals = []
    for name, password in ((EMAIL, WRONG), ("nobody@example.com", RIGHT)):
        with pytest.raises(errors.BadCredentials) as refusal:
            login(deps, name, password)
        refusals.append(str(refusal.value))
    assert len(set(refusals)) == 1


@pytest.mark.parametrize("name", [EMAIL, "nobody@example.com"], ids=["known", "unknown"])
def test_five_wrong_passwords_lock_a_name_whether_it_exists_or_not(
    deps: Deps, asha: Account, name: str
) -> None:
    fail(deps, 5, name)
    with pytest.raises(errors.LockedOut) as refusal:
        login(deps, name, RIGHT)  # even the right one
    assert refusal.value.retry_after == 900


def test_a_lock_opens_by_itself_and_the_next_one_is_longer(
    deps: Deps, asha: Account, clock: Clock
) -> None:
    fail(deps, 5)
    clock.move(minutes=15)
    fail(deps, 1)
    clock.move(minutes=15)
    with pytest.raises(errors.LockedOut):
        login(deps)
    clock.move(minutes=15)
    login(deps)
    fail(deps, 4)
    login(deps)  # the place is known now, and its count began anew


@pytest.mark.parametrize("name", [EMAIL, "nobody@example.com"], ids=["known", "unknown"])
def test_one_wrong_password_a_day_locks_nobody_out(
    deps: Deps, asha: Account, clock: Clock, name: str
) -> None:
    for _ in range(30):
        fail(deps, 1, name)
        clock.move(days=1)
    fail(deps, 4, name)


@pytest.mark.parametrize("name", [EMAIL, "nobody@example.com"], ids=["known", "unknown"])
def test_no_lock_is_longer_than_an_hour(deps: Deps, asha: Account, clock: Clock, name: str) -> None:
    fail(deps, 4, name)
    for _ in range(10):
        fail(deps, 1, name)
        clock.move(hours=1)
    fail(deps, 1, name)


def waits(deps: Deps, clock: Clock, name: str) -> list[tuple[int, str, int | None, str]]:
    """What each of the guesses of a day is answered: the code and the seconds to wait."""
    start = clock.now()
    answers = []
    for minute in (0, 0, 0, 7, 7, 7, 8, 23, 23, 53, 54, 115, 300, 301, 302, 303, 304, 305):
        clock.set(start + timedelta(minutes=minute))
        try:
            login(deps, name, WRONG)
        except errors.Refusal as refusal:
            answers.append((minute, refusal.code, refusal.retry_after, str(refusal)))
    clock.set(start)
    return answers


def test_every_guess_is_answered_alike_whether_the_name_exists_or_not(
    deps: Deps, asha: Account, clock: Clock
) -> None:
    clock.move(minutes=4)  # at no quarter of an hour
    answers = waits(deps, clock, EMAIL)
    assert answers == waits(deps, clock, "nobody@example.com")
    assert {code for _, code, _, _ in answers} == {"BAD_CREDENTIALS", "LOCKED_OUT"}


class Counting(Passwords):
    """Counts how often a password is hashed."""

    def __init__(self) -> None:
        super().__init__(fast=True)
        self.checks = 0

    def verify(self, hashed: str, text: str) -> bool:
        self.checks += 1
        return super().verify(hashed, text)


@pytest.mark.parametrize("wrong", [1, 6], ids=["a wrong password", "a locked name"])
def test_a_guess_takes_the_same_steps_whether_the_name_exists_or_not(
    deps: Deps, asha: Account, meter: Meter, wrong: int
) -> None:
    seen = []
    for name in (EMAIL, "nobody@example.com"):
        passwords = Counting()
        counted = dataclasses.replace(deps, passwords=passwords)
        for _ in range(wrong):
            meter.reset()
            passwords.checks = 0
            with pytest.raises((errors.BadCredentials, errors.LockedOut)):
                login(counted, name, WRONG)
        seen.append((passwords.checks, meter.snapshot().requests))
    assert seen[0] == seen[1]
    assert seen[0][0] == (1 if wrong == 1 else 0)


def test_a_stranger_who_guesses_does_not_lock_out_where_the_person_has_signed_in_before(
    deps: Deps, asha: Account
) -> None:
    login(deps)
    for _ in range(5):
        with pytest.raises(errors.BadCredentials):
            sign_in.login(deps, EMAIL, WRONG, source_ip=FAR)
    with pytest.raises(errors.LockedOut):
        sign_in.login(deps, EMAIL, RIGHT, source_ip=FAR)
    login(deps)
    fail(deps, 5)  # which is locked by its own wrong passwords alone
    with pytest.raises(errors.LockedOut):
        login(deps)


def test_a_stranger_cannot_see_that_the_person_signed_in_meanwhile(
    deps: Deps, asha: Account
) -> None:
    for _ in range(4):
        with pytest.raises(errors.BadCredentials):
            sign_in.login(deps, EMAIL, WRONG, source_ip=FAR)
    login(deps)
    with pytest.raises(errors.BadCredentials):
        sign_in.login(deps, EMAIL, WRONG, source_ip=FAR)
    with pytest.raises(errors.LockedOut):
        sign_in.login(deps, EMAIL, WRONG, source_ip=FAR)


def test_a_lock_is_mailed_once_a_day_to_a_proved_address(
    deps: Deps, asha: Account, clock: Clock
) -> None:
    fail(deps, 5)
    assert ("sign_in_locked", asha.account_id) not in mails(deps)
    change(deps, asha, verified=True)
    for day in (1, 2):
        clock.move(days=1)
        fail(deps, 5)
        clock.move(minutes=15)
        fail(deps, 1)
        assert mails(deps).count(("sign_in_locked", asha.account_id)) == day


@pytest.mark.engine2
def test_of_many_guesses_at_once_five_are_judged(deps: Deps, asha: Account) -> None:
    def guess(_: int) -> type[Exception]:
        try:
            login(deps, EMAIL, WRONG)
        except errors.Refusal as refusal:
            return type(refusal)
        raise AssertionError("a wrong password opened the account")

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(guess, range(24)))
    assert answers.count(errors.BadCredentials) == 5
    assert answers.count(errors.LockedOut) == 19
    assert deps.accounts.get(asha.account_id).wrong_passwords.strangers.count == 5


def test_whoever_never_gets_through_a_storm_of_guesses_is_told_to_wait(
    deps: Deps, asha: Account
) -> None:
    def taken(_: object) -> None:
        raise errors.StaleVersion

    stormy = dataclasses.replace(deps, commit=taken, sleep=lambda _: None)
    with pytest.raises(errors.LockedOut) as refusal:
        login(stormy)
    assert refusal.value.retry_after == 1


def test_an_account_that_is_switched_off_is_refused_like_a_wrong_password(
    deps: Deps, asha: Account
) -> None:
    change(deps, asha, active=False)
    for _ in range(5):
        with pytest.raises(errors.BadCredentials):
            login(deps)
    with pytest.raises(errors.LockedOut):  # the right one counts as well
        login(deps)


def test_an_account_without_a_password_lets_nobody_in(deps: Deps, asha: Account) -> None:
    change(deps, asha, password=NO_PASSWORD)
    for attempt in (NO_PASSWORD, RIGHT):
        with pytest.raises(errors.BadCredentials):
            login(deps, EMAIL, attempt)


def test_a_hash_of_an_older_cost_is_renewed_at_sign_in(deps: Deps, asha: Account) -> None:
    change(deps, asha, password=Passwords().hash(RIGHT))
    login(deps)
    renewed = deps.accounts.get(asha.account_id).password
    assert not deps.passwords.needs_rehash(renewed)
    login(deps)


def test_every_attempt_to_sign_in_leaves_a_trace(deps: Deps, asha: Account) -> None:
    fail(deps, 5)
    with pytest.raises(errors.LockedOut):
        login(deps)
    fail(deps, 1, "nobody@example.com")
    assert outcomes(deps, "login") == ["BAD_CREDENTIALS"] * 6 + ["LOCKED_OUT"]
    named = [e.subject for e in trail(deps) if e.action == "login"]
    assert named.count(asha.account_id) == 6
    assert not any("@" in f"{event}" for event in trail(deps))


def test_signing_in_costs_two_reads_a_transaction_and_a_write(
    deps: Deps, asha: Account, meter: Meter
) -> None:
    meter.reset()
    login(deps)
    assert meter.snapshot().requests == {"GetItem": 2, "TransactWriteItems": 1, "PutItem": 1}


def test_the_demo_accounts_of_tables_the_local_runtime_filled_are_closed_elsewhere(
    deps: Deps,
) -> None:
    demo.load(deps)
    local = dataclasses.replace(deps, passwords=Passwords(fast=True, demo=True))
    assert login(local, "admin", demo.PASSWORD).account.role is Role.ADMIN
    with pytest.raises(errors.BadCredentials):
        login(deps, "admin", demo.PASSWORD)


# -- who is it -------------------------------------------------------------------------------------


def test_knowing_who_asks_costs_nothing_while_it_is_known(
    deps: Deps, asha: Account, meter: Meter
) -> None:
    made = login(deps)
    sign_in.authenticate(deps, made.access)
    meter.reset()
    sign_in.authenticate(deps, made.access)
    assert meter.snapshot().calls == 0


def test_role_and_sites_are_the_account_s_and_count_at_once(deps: Deps, asha: Account) -> None:
    made = login(deps)
    change(deps, asha, role=Role.STAFF, sites=frozenset({"central"}), verified=True)
    actor = sign_in.authenticate(deps, made.access)
    assert (actor.role, actor.sites) == (Role.STAFF, frozenset({"central"}))


@pytest.mark.parametrize("fields", [{"active": False}, {"epoch": 1}])
def test_a_sign_in_is_void_when_the_account_says_so(
    deps: Deps, asha: Account, fields: dict[str, Any]
) -> None:
    made = login(deps)
    change(deps, asha, **fields)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(deps, made.access)
    with pytest.raises(errors.NotAuthenticated):
        refresh(deps, made)


def test_a_token_for_nobody_is_refused(deps: Deps, clock: Clock) -> None:
    token = deps.tokens.access(
        "US00000000", Role.ADMIN, frozenset(), 0, now=NOON, session="SE1", token_id="AT1"
    )
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(deps, token)


# -- refreshing ------------------------------------------------------------------------------------


def test_a_refresh_token_is_swapped_for_new_tokens(deps: Deps, asha: Account) -> None:
    first = login(deps)
    second = refresh(deps, first)
    third = refresh(deps, second)
    assert len({first.refresh, second.refresh, third.refresh}) == 3
    for made in (first, second, third):
        assert sign_in.authenticate(deps, made.access).account_id == asha.account_id


def test_a_session_lives_on_while_it_is_refreshed(deps: Deps, asha: Account, clock: Clock) -> None:
    made = login(deps)
    for _ in range(3):
        clock.move(days=6)
        made = refresh(deps, made)
    clock.move(seconds=REFRESH_LIFE.total_seconds())
    with pytest.raises(errors.TokenExpired):
        refresh(deps, made)


def test_a_refresh_token_used_again_later_ends_its_session(
    deps: Deps, asha: Account, clock: Clock
) -> None:
    first, elsewhere = login(deps), login(deps)
    second = refresh(deps, first)
    clock.move(seconds=20)
    with pytest.raises(errors.RefreshReused):
        refresh(deps, first)
    with pytest.raises(errors.NotAuthenticated):
        refresh(deps, second)
    for made in (first, second):
        with pytest.raises(errors.NotAuthenticated):
            sign_in.authenticate(deps, made.access)
    refresh(deps, elsewhere)  # another device is not concerned
    assert outcomes(deps, "refresh") == ["REFRESH_REUSED"]


def test_two_tabs_that_refresh_within_twenty_seconds_get_the_same_tokens(
    deps: Deps, asha: Account, clock: Clock
) -> None:
    first = login(deps)
    clock.move(hours=1)
    second = refresh(deps, first)
    clock.move(seconds=19)
    assert refresh(deps, first) == second
    assert sign_in.authenticate(deps, second.access).account_id == asha.account_id
    refresh(deps, second)
    with pytest.raises(errors.RefreshReused):  # no longer the token just replaced
        refresh(deps, first)


@pytest.mark.engine2
def test_all_who_refresh_at_once_get_the_same_tokens(deps: Deps, asha: Account) -> None:
    made = login(deps)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: refresh(deps, made), range(8)))
    assert len({(each.access, each.refresh) for each in answers}) == 1
    deps.sessions.forget_all()
    assert sign_in.authenticate(deps, answers[0].access).account_id == asha.account_id


def test_refreshing_again_costs_what_a_refused_reuse_costs_less_its_ending(
    deps: Deps, asha: Account, meter: Meter
) -> None:
    made = login(deps)
    refresh(deps, made)
    meter.reset()
    refresh(deps, made)
    assert meter.snapshot().requests == {"GetItem": 2, "UpdateItem": 1}


def test_refreshing_costs_one_read_and_one_update(deps: Deps, asha: Account, meter: Meter) -> None:
    made = login(deps)
    meter.reset()
    refresh(deps, made)
    assert meter.snapshot().requests == {"GetItem": 1, "UpdateItem": 1}


# -- signing out -----------------------------------------------------------------------------------


def logout(deps: Deps, made: SignIn, refresh_token: str | None = None) -> None:
    actor = sign_in.authenticate(deps, made.access)
    sign_in.logout(deps, actor, refresh_token=refresh_token, source_ip=ADDRESS)


def test_signing_out_ends_this_session_and_no_other(deps: Deps, asha: Account) -> None:
    here, elsewhere = login(deps), login(deps)
    logout(deps, here)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(deps, here.access)
    with pytest.raises(errors.NotAuthenticated):
        refresh(deps, here)
    assert sign_in.authenticate(deps, elsewhere.access).account_id == asha.account_id
    assert outcomes(deps, "logout") == ["allowed"]


def test_signing_out_ends_the_session_of_one_s_own_refresh_token_too(
    deps: Deps, asha: Account
) -> None:
    here, elsewhere = login(deps), login(deps)
    logout(deps, here, elsewhere.refresh)
    with pytest.raises(errors.NotAuthenticated):
        refresh(deps, elsewhere)


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_signing_out_with_a_foreign_refresh_token_ends_nothing_of_theirs(
    deps: Deps, asha: Account, whose: str
) -> None:
    register(deps, "ravi@example.com")
    other = login(deps, "ravi@example.com")
    logout(deps, login(deps), other.refresh if whose == "another's" else "nonsense")
    assert refresh(deps, other).account.account_id == other.account.account_id


def test_another_instance_learns_of_a_sign_out_when_what_it_knows_is_old(
    deps: Deps, asha: Account
) -> None:
    """An instance keeps an account for CATALOGUE_SECONDS; this one for none."""
    fresh = dataclasses.replace(deps, sessions=type(deps.sessions)(0))
    made = login(deps)
    assert sign_in.authenticate(fresh, made.access).account_id == asha.account_id
    logout(deps, made)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(fresh, made.access)
