from __future__ import annotations

from datetime import datetime, timedelta
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
from chalicelib.domain.accounts.wrong_passwords import (
    NO_WRONG_PASSWORDS,
    TRIES,
    KnownPlace,
    WrongPasswords,
)
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from tests.clock import NOON
from tests.wording import fault_in


def an_account(**fields: Any) -> Account:
    ordinary: dict[str, Any] = {
        "account_id": "US7Q2M9X4T", "email": "asha@example.com", "name": "Asha Rao",
        "password": "hash", "created_at": NOON,
    }  # fmt: skip
    return Account(**ordinary | fields)


HERE = "0123456789abcdef"


def locked(account: Account, at: datetime = NOON) -> Account:
    for _ in range(TRIES):
        account = account.failed(HERE, at)
    return account


def test_signing_in_may_renew_the_hash() -> None:
    assert an_account().signed_in(HERE).password == "hash"
    assert an_account().signed_in(HERE, password="newer").password == "newer"


def test_a_new_password_unlocks_where_it_was_chosen_and_voids_every_sign_in() -> None:
    account = locked(an_account()).with_password("other", HERE)
    assert (account.password, account.epoch) == ("other", 1)
    account.require_unlocked(HERE, NOON)
    with pytest.raises(errors.LockedOut):
        account.require_unlocked("another place", NOON)
    assert not account.verified
    proved = account.with_password("x", HERE, by_link=True)
    assert (proved.verified, proved.password_proved) == (True, True)


def test_a_lock_warns_a_verified_account_once_a_day() -> None:
    account = locked(an_account(verified=True))
    assert account.warned_at == NOON
    soon, later = NOON + timedelta(hours=23), NOON + timedelta(hours=24)
    assert locked(account, soon).warned_at == NOON
    assert locked(account, later).warned_at == later


def test_four_wrong_passwords_warn_nobody() -> None:
    account = an_account(verified=True)
    for _ in range(TRIES - 1):
        account = account.failed(HERE, NOON)
    assert account.warned_at is None


@pytest.mark.parametrize("fields", [{"verified": False}, {"verified": True, "active": False}])
def test_no_lock_warns_an_address_that_is_not_proved_or_an_account_that_is_closed(
    fields: dict[str, bool],
) -> None:
    assert locked(an_account(**fields)).warned_at is None


def test_every_step_makes_the_next_version() -> None:
    account = an_account()
    steps = (
        account.failed(HERE, NOON),
        account.signed_in(HERE),
        account.with_password("x", HERE),
        account.forgotten("!"),
    )
    assert {step.version for step in steps} == {2}


def test_nothing_that_says_who_it_was_survives_erasure() -> None:
    account = an_account(
        phone="+91 98450 12345", username="asha", role=Role.STAFF, sites=frozenset({"central"}), verified=True,
        wrong_passwords=WrongPasswords(known=(KnownPlace(HERE),)),
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
    assert gone.wrong_passwords == NO_WRONG_PASSWORDS  # no trace of where it signed in
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
    names = ("asha@example.com",)
    assert fault_in(lambda: require_good_password(password, names=names, is_local=False)) is None


def test_the_demo_password_is_good_on_the_local_runtime_alone() -> None:
    assert fault_in(lambda: require_good_password(DEMO_PASSWORD, names=(), is_local=True)) is None
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
