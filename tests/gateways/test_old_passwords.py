from __future__ import annotations

import base64
import hashlib

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.accounts.account import DEMO_PASSWORD
from chalicelib.gateways import old_passwords
from chalicelib.gateways.passwords import Passwords

FAST = Passwords(fast=True)
RIGHT = "correct horse 7"

DIGEST = "A" * 43 + "="


def pbkdf2(text: str, *, rounds: int = 1000, salt: str = "seasalt") -> str:
    """A hash as Django writes it."""
    digest = hashlib.pbkdf2_hmac("sha256", text.encode(), salt.encode(), rounds)
    return f"pbkdf2_sha256${rounds}${salt}${base64.b64encode(digest).decode()}"


def argon2(text: str) -> str:
    """An Argon2id hash as libraries write it."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=2).hash(text)


def test_a_pbkdf2_hash_of_django_opens_the_account_and_is_made_anew() -> None:
    hashed = pbkdf2(RIGHT)
    assert FAST.verify(hashed, RIGHT)
    assert not FAST.verify(hashed, "correct horse 8")
    assert FAST.needs_rehash(hashed)


def test_an_argon2_hash_of_django_opens_the_account_and_is_made_anew() -> None:
    hashed = "argon2" + argon2(RIGHT)
    assert FAST.verify(hashed, RIGHT)
    assert not FAST.verify(hashed, "correct horse 8")
    assert FAST.needs_rehash(hashed)


def test_a_plain_argon2_hash_is_kept_as_one_that_another_system_made() -> None:
    hashed = old_passwords.stored(argon2(RIGHT))
    assert hashed is not None
    assert hashed.startswith("argon2$argon2id$")
    assert FAST.verify(hashed, RIGHT)
    assert FAST.needs_rehash(hashed)


def test_an_old_password_is_checked_as_it_was_typed() -> None:
    """Django hashes what was typed, ours is of the normal form."""
    hashed = pbkdf2("cafe\u0301 at noon")
    assert FAST.verify(hashed, "cafe\u0301 at noon")
    assert not FAST.verify(hashed, "caf\u00e9 at noon")


def test_the_demo_password_of_an_old_system_opens_nothing_outside_the_local_runtime() -> None:
    assert not FAST.verify(pbkdf2(DEMO_PASSWORD), DEMO_PASSWORD)
    assert Passwords(fast=True, demo=True).verify(pbkdf2(DEMO_PASSWORD), DEMO_PASSWORD)


@pytest.mark.parametrize(
    "hashed",
    [
        "",
        "!",  # Django: no password can be used
        "!vT4eK9mS2pQ8xW1z",
        RIGHT,  # the password itself
        "pbkdf2_sha1$1000$seasalt$oAfF6vgs95ncksAhGXOWf4Okq7o=",
        "bcrypt_sha256$$2b$12$LlFpZzHuZ4iqg0Jq",
        "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3",
        f"pbkdf2_sha256$0$seasalt${DIGEST}",
        f"pbkdf2_sha256$2000001$seasalt${DIGEST}",
        f"pbkdf2_sha256$999999999$seasalt${DIGEST}",
        f"pbkdf2_sha256$1000$${DIGEST}",
        f"pbkdf2_sha256$1000$seasalt${DIGEST[:-1]}",
        f"pbkdf2_sha256$\u0661000$seasalt${DIGEST}",
        "argon2$argon2id$v=19$m=131073,t=2,p=8$c2Vhc2FsdHNlYQ$" + "A" * 43,
        "argon2$argon2id$v=19$m=102400,t=11,p=8$c2Vhc2FsdHNlYQ$" + "A" * 43,
        "argon2$argon2id$v=19$m=102400,t=2,p=17$c2Vhc2FsdHNlYQ$" + "A" * 43,
        "argon2$argon2d$v=19$m=102400,t=2,p=8$c2Vhc2FsdHNlYQ$" + "A" * 43,
    ],
)
def test_a_hash_that_cannot_be_verified_or_costs_too_much_is_not_taken_over(hashed: str) -> None:
    assert old_passwords.stored(hashed) is None
    assert not FAST.verify(hashed, RIGHT)


def test_the_most_that_django_asks_for_is_taken_over() -> None:
    rounds = f"pbkdf2_sha256$1500000$seasalt${DIGEST}"
    memory = "argon2$argon2id$v=19$m=102400,t=2,p=8$c2Vhc2FsdHNlYQ$" + "A" * 43
    assert old_passwords.stored(rounds) == rounds
    assert old_passwords.stored(memory) == memory


def test_a_hash_of_too_many_rounds_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", lambda *given: ran.append(given[-1]))
    assert not FAST.verify(f"pbkdf2_sha256$2000001$seasalt${DIGEST}", RIGHT)
    assert ran == []


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_each_password_opens_what_was_made_of_it(text: str) -> None:
    kept = old_passwords.stored(pbkdf2(text, rounds=2))
    assert kept is not None
    assert FAST.verify(kept, text) or text == DEMO_PASSWORD
