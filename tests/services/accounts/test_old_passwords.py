"""Sign-in with a password that was brought over from another system."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.gateways.passwords import Passwords
from chalicelib.services.accounts import profile, sign_in
from chalicelib.services.core.deps import Deps
from tests.gateways.test_old_passwords import argon2, pbkdf2

ADDRESS: Final = "203.0.113.9"
EMAIL: Final = "asha@example.com"
RIGHT: Final = "correct horse 7"


def brought_over(deps: Deps, hashed: str) -> Account:
    account = Account(
        account_id=f"US{deps.new_locator()}",
        email=EMAIL,
        name="Asha Rao",
        password=hashed,
        created_at=deps.now(),
        verified=True,
    )
    deps.commit(saving(account))
    return account


def login(deps: Deps, password: str = RIGHT) -> sign_in.SignIn:
    return sign_in.login(deps, EMAIL, password, source_ip=ADDRESS)


@pytest.mark.parametrize(
    "hashed", [pbkdf2(RIGHT), "argon2" + argon2(RIGHT)], ids=["pbkdf2", "argon2"]
)
def test_the_first_sign_in_makes_a_hash_of_ours(deps: Deps, hashed: str) -> None:
    account = brought_over(deps, hashed)
    assert login(deps).account.account_id == account.account_id
    kept = deps.accounts.get(account.account_id).password
    assert kept.startswith("$argon2id$")
    assert not deps.passwords.needs_rehash(kept)
    assert login(deps).account.password == kept


def test_a_wrong_password_counts_and_leaves_the_old_hash(deps: Deps) -> None:
    account = brought_over(deps, pbkdf2(RIGHT))
    for _ in range(5):
        with pytest.raises(errors.BadCredentials):
            login(deps, "incorrect horse 7")
    with pytest.raises(errors.LockedOut):
        login(deps)
    assert deps.accounts.get(account.account_id).password == account.password


def test_two_sign_ins_at_once_both_succeed_and_one_hash_is_kept(deps: Deps) -> None:
    account = brought_over(deps, pbkdf2(RIGHT))
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: login(deps), range(2)))
    kept = deps.accounts.get(account.account_id)
    assert {made.account.account_id for made in both} == {account.account_id}
    assert deps.passwords.verify(kept.password, RIGHT)
    assert not deps.passwords.needs_rehash(kept.password)


def test_a_sign_in_that_loses_to_a_new_password_does_not_bring_the_old_one_back(
    deps: Deps,
) -> None:
    account = brought_over(deps, pbkdf2(RIGHT))

    class Late(Passwords):
        """Verifies, and meanwhile another request sets a new password."""

        def verify(self, hashed: str, text: str) -> bool:
            right = super().verify(hashed, text)
            if hashed == account.password:
                stored = deps.accounts.get(account.account_id)
                if stored.password == hashed:
                    fresh = deps.passwords.hash("another horse 8")
                    deps.commit(saving(stored.with_password(fresh, "there")))
            return right

    with pytest.raises(errors.BadCredentials):
        login(dataclasses.replace(deps, passwords=Late(fast=True)))
    kept = deps.accounts.get(account.account_id).password
    assert deps.passwords.verify(kept, "another horse 8")


def test_the_old_password_is_good_for_choosing_a_new_one(deps: Deps) -> None:
    account = brought_over(deps, pbkdf2(RIGHT))
    profile.change_password(
        deps, account.actor(), current=RIGHT, password="another horse 8", source_ip=ADDRESS
    )
    assert login(deps, "another horse 8").account.account_id == account.account_id
