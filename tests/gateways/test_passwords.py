from __future__ import annotations

from types import SimpleNamespace

import pytest

from chalicelib.domain.accounts.account import DEMO_PASSWORD
from chalicelib.gateways.passwords import NO_PASSWORD, Passwords

FAST = Passwords(fast=True)


def test_a_password_is_kept_as_an_argon2id_hash_with_the_cost_of_the_day() -> None:
    hashed = Passwords().hash("correct horse 7")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Passwords().verify(hashed, "correct horse 7")
    assert not Passwords().needs_rehash(hashed)


def test_the_same_password_is_hashed_differently_each_time() -> None:
    assert FAST.hash("correct horse 7") != FAST.hash("correct horse 7")


def test_only_the_password_is_right() -> None:
    hashed = FAST.hash("correct horse 7")
    assert FAST.verify(hashed, "correct horse 7")
    assert not FAST.verify(hashed, "correct horse 8")
    assert not FAST.verify(hashed, "")


def test_an_accent_may_be_typed_in_either_of_its_forms() -> None:
    assert FAST.verify(FAST.hash("caf\u00e9 at noon"), "cafe\u0301 at noon")


def test_nothing_is_right_where_there_is_no_password() -> None:
    assert not FAST.verify(NO_PASSWORD, NO_PASSWORD)
    assert not FAST.verify("-", "-")
    assert not FAST.verify("", "")


def test_the_demo_password_is_right_in_the_local_runtime_only() -> None:
    hashed = FAST.hash(DEMO_PASSWORD)
    assert Passwords(fast=True, demo=True).verify(hashed, DEMO_PASSWORD)
    assert not FAST.verify(hashed, DEMO_PASSWORD)
    assert not FAST.verify(hashed, "\uff50assword123")  # a wide p: the same text once normalised


def test_a_hash_of_another_cost_is_made_anew() -> None:
    cheap = FAST.hash("correct horse 7")
    assert not FAST.needs_rehash(cheap)
    assert Passwords().needs_rehash(cheap)


def test_a_name_nobody_has_takes_the_work_of_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    passwords = Passwords(fast=True)
    monkeypatch.setattr(passwords, "_hasher", SimpleNamespace(hash=hashed.append))
    passwords.dummy_verify("correct horse 7")
    assert hashed == ["correct horse 7"]
    assert not passwords.verify(NO_PASSWORD, "correct horse 8")
    assert hashed == ["correct horse 7", "correct horse 8"]
