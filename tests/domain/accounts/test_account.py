from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.accounts.account import (
    COMMON_PASSWORDS,
    DEMO_PASSWORD,
    SHORTEST_PASSWORD,
    Account,
    require_good_password,
    require_sites_of_role,
)
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from tests.clock import NOON


def an_account(**fields: Any) -> Account:
    ordinary: dict[str, Any] = {
        "account_id": "US7Q2M9X4T", "email": "asha@example.com", "name": "Asha Rao",
        "password": "hash", "created_at": NOON,
    }  # fmt: skip
    return Account(**ordinary | fields)


def after_failures(count: int, account: Account | None = None) -> Account:
    account = account or an_account()
    for _ in range(count):
        account = account.failed(NOON)
    return account


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [
        (0, None),
        (4, None),
        (5, 15),  # the fifth in a row
        (6, 30),  # and twice as long with each one more
        (7, 60),
        (11, 960),
        (12, 1440),  # a day at most
        (200, 1440),
    ],
)
def test_wrong_passwords_lock_an_account_ever_longer(failures: int, minutes: int | None) -> None:
    account = after_failures(failures)
    expected = None if minutes is None else NOON + timedelta(minutes=minutes)
    assert (account.failures, account.locked_until) == (failures, expected)


def test_a_locked_account_says_how_long_to_wait() -> None:
    account = after_failures(5)
    with pytest.raises(errors.LockedOut) as refusal:
        account.require_unlocked(NOON + timedelta(minutes=5))
    assert refusal.value.retry_after == 600


def test_the_lock_opens_at_its_very_end() -> None:
    account = after_failures(5)
    end = NOON + timedelta(minutes=15)
    with pytest.raises(errors.LockedOut):
        account.require_unlocked(end - timedelta(seconds=1))
    account.require_unlocked(end)


def test_the_right_password_forgets_the_wrong_ones() -> None:
    account = after_failures(5).signed_in()
    assert (account.failures, account.locked_until, account.password) == (0, None, "hash")
    account.require_unlocked(NOON)


def test_signing_in_may_renew_the_hash() -> None:
    assert an_account().signed_in(password="newer").password == "newer"


def test_a_new_password_unlocks_and_voids_every_sign_in() -> None:
    account = after_failures(5).with_password("other")
    assert (account.password, account.epoch, account.failures, account.locked_until) == (
        "other", 1, 0, None,
    )  # fmt: skip
    assert not account.verified
    assert account.with_password("x", verified=True).verified


def test_every_step_makes_the_next_version() -> None:
    account = an_account()
    steps = (
        account.failed(NOON),
        account.signed_in(),
        account.with_password("x"),
        account.forgotten("!"),
    )
    assert {step.version for step in steps} == {2}


def test_nothing_that_says_who_it_was_survives_erasure() -> None:
    account = an_account(
        phone="+91 98450 12345", username="asha", role=Role.STAFF, sites=frozenset({"central"}), verified=True,
    )  # fmt: skip
    gone = account.forgotten("!")
    assert gone.account_id == account.account_id  # the ledger names it
    assert (gone.phone, gone.username, gone.sites, gone.role) == (
        None,
        None,
        frozenset(),
        Role.USER,
    )
    assert (gone.active, gone.verified, gone.erased, gone.epoch) == (False, False, True, 1)
    assert "asha" not in repr(gone).lower()


def test_an_account_acts_with_its_role_at_its_sites() -> None:
    sites = frozenset({"central"})
    account = an_account(role=Role.OWNER, sites=sites, verified=True)
    assert account.actor() == Actor("US7Q2M9X4T", Role.OWNER, sites, "Asha Rao")


def test_an_account_is_opened_by_its_address_and_its_user_name() -> None:
    assert an_account(email="Asha@Example.com").login_names == ("asha@example.com",)
    assert an_account(username="asha").login_names == ("asha@example.com", "asha")


def test_an_account_owes_while_a_stay_is_unpaid() -> None:
    assert not an_account().owes
    assert an_account(owing=1).owes


def test_a_hash_never_shows_in_a_log() -> None:
    assert "hash" not in repr(an_account())


@pytest.mark.parametrize(
    "password",
    [
        "1234567",  # too short
        "a1b2" * 33,  # too long
        "password",
        "Password1",
        "QWERTYUIOP",
        "aaaaaaaaaa",  # one letter
        "abababababab",
        "asha rao",  # the name
        "asha@example.com",
        "ASHA@example.com",
        DEMO_PASSWORD,
        DEMO_PASSWORD.upper(),
    ],
)
def test_a_poor_password_is_refused(password: str) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        require_good_password(password, names=("asha@example.com", "Asha Rao"), is_local=False)
    assert set(refusal.value.fields) == {"password"}


@pytest.mark.parametrize(
    "password", ["correct horse 7", "Grünkohl mit Pinkel", "x9!Kq2vP", "a1b2" * 32]
)
def test_a_good_password_is_taken(password: str) -> None:
    require_good_password(password, names=("asha@example.com",), is_local=False)


def test_the_demo_password_is_good_on_the_local_runtime_alone() -> None:
    require_good_password(DEMO_PASSWORD, names=(), is_local=True)
    with pytest.raises(errors.Invalid):
        require_good_password(DEMO_PASSWORD, names=(), is_local=False)


def test_the_common_passwords_are_those_that_are_long_enough_to_matter() -> None:
    assert all(len(p) >= SHORTEST_PASSWORD and p == p.casefold() for p in COMMON_PASSWORDS)


CENTRAL = frozenset({"central"})


@pytest.mark.parametrize(
    ("role", "sites", "is_right"),
    [
        (Role.STAFF, CENTRAL, True),
        (Role.OWNER, CENTRAL, True),
        (Role.STAFF, frozenset(), False),
        (Role.OWNER, frozenset(), False),
        (Role.USER, frozenset(), True),
        (Role.ADMIN, frozenset(), True),
        (Role.USER, CENTRAL, False),
        (Role.ADMIN, CENTRAL, False),
    ],
)
def test_staff_and_owners_have_sites_and_nobody_else(
    role: Role, sites: frozenset[str], is_right: bool
) -> None:
    if is_right:
        require_sites_of_role(role, sites)
    else:
        with pytest.raises(errors.Invalid) as refusal:
            require_sites_of_role(role, sites)
        assert set(refusal.value.fields) == {"sites"}
