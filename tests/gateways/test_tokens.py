from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.access import Role
from chalicelib.gateways.passes import QrClaims
from chalicelib.gateways.signing import b64, unb64
from chalicelib.gateways.tokens import (
    ACCESS_LIFE,
    MOST_SITE_CLAIMS,
    REFRESH_LIFE,
    LinkClaims,
    Tokens,
)
from tests import builders
from tests.clock import NOON

SECRET = b"a secret of at least thirty-two bytes"
OLD = b"an old one of at least thirty-two bytes"
TOKENS = Tokens({"k1": SECRET})
BOOKING = builders.a_booking(booking_id="BK7Q2M9X4T1NG1QR00005")
SITES = frozenset({"central", "hall"})


def an_access_token(tokens: Tokens = TOKENS, **changes: Any) -> str:
    wishes: dict[str, Any] = {"now": NOON, "session": "SE1", "token_id": "AT1"} | changes
    return tokens.access("US7Q2M9X4T", Role.STAFF, SITES, 3, **wishes)


def a_refresh_token(tokens: Tokens = TOKENS) -> str:
    return tokens.refresh("US7Q2M9X4T", 3, now=NOON, session="SE1", token_id="RT1")


def a_jwt(header: dict[str, Any], claims: dict[str, Any], secret: bytes = SECRET) -> str:
    """A token as anybody with a JWT library would make it."""
    signed = ".".join(_b64(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{_b64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _claims_in(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return read


def test_an_access_token_says_who_it_is_for() -> None:
    claims = TOKENS.read_access(an_access_token(), NOON)
    assert (claims.account_id, claims.role, claims.sites) == ("US7Q2M9X4T", Role.STAFF, SITES)
    assert (claims.epoch, claims.session, claims.token_id) == (3, "SE1", "AT1")
    assert claims.expires_at == NOON + ACCESS_LIFE


def test_an_access_token_is_a_plain_jwt() -> None:
    token = an_access_token()
    header, _, mac = token.split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {
        "alg": "HS256",
        "typ": "JWT",
        "kid": "k1",
    }
    assert mac == _b64(hmac.new(SECRET, token.rpartition(".")[0].encode(), hashlib.sha256).digest())
    assert {"iss": "berth", "sub": "US7Q2M9X4T", "sid": "SE1"}.items() <= _claims_in(token).items()


def test_an_access_token_stays_small_for_somebody_with_many_sites() -> None:
    many = frozenset(f"site-{n}" for n in range(MOST_SITE_CLAIMS + 1))
    token = TOKENS.access("US7Q2M9X4T", Role.OWNER, many, 0, now=NOON, session="S", token_id="T")
    assert "sites" not in _claims_in(token)
    assert TOKENS.read_access(token, NOON).sites == frozenset()


@pytest.mark.parametrize(
    ("make", "read", "life"),
    [
        (an_access_token, TOKENS.read_access, ACCESS_LIFE),
        (a_refresh_token, TOKENS.read_refresh, REFRESH_LIFE),
    ],
)
def test_a_sign_in_ends_at_the_second_its_life_is_over(
    make: Any, read: Any, life: timedelta
) -> None:
    token = make()
    read(token, NOON + life - timedelta(seconds=1))
    with pytest.raises(errors.TokenExpired):
        read(token, NOON + life)


def test_neither_kind_of_sign_in_passes_for_the_other() -> None:
    with pytest.raises(errors.NotAuthenticated):
        TOKENS.read_access(a_refresh_token(), NOON)
    with pytest.raises(errors.NotAuthenticated):
        TOKENS.read_refresh(an_access_token(), NOON)


HEADER = {"alg": "HS256", "typ": "JWT", "kid": "k1"}
GOOD = {"iss": "berth", "typ": "access", "sub": "US7Q2M9X4T", "role": "admin", "ver": 0, "sid": "S", "jti": "T", "exp": 9_999_999_999}  # fmt: skip


@pytest.mark.parametrize(
    "token",
    [
        a_jwt({**HEADER, "alg": "none"}, GOOD),  # an algorithm of their choice
        a_jwt({**HEADER, "alg": "HS512"}, GOOD),
        a_jwt({**HEADER, "kid": "k2"}, GOOD),  # a key we do not have
        a_jwt({**HEADER, "kid": ["k1"]}, GOOD),
        a_jwt({"alg": "HS256", "typ": "JWT"}, GOOD),  # no key named
        a_jwt(HEADER, GOOD, b"a guess at the secret"),
        a_jwt(HEADER, {**GOOD, "iss": "another"}),
        a_jwt(HEADER, {**GOOD, "typ": None}),
        a_jwt({**HEADER, "alg": "none"}, GOOD).rpartition(".")[0] + ".",
        _b64(b"[]") + "." + _b64(b"{}") + "." + _b64(b""),
        an_access_token() + "=",  # a second text for the same bytes
        an_access_token() + "." + "x",
        an_access_token()[:-2],
        "",
        ".",
        "..",
        "no token at all",
        "ü.ü.ü",
        "\ud800.a.b",
        "a" * 5_000,
        _b64(b"[" * 3_000) + ".a.b",
    ],
)
def test_a_forged_sign_in_is_refused(token: str) -> None:
    with pytest.raises(errors.NotAuthenticated) as refusal:
        TOKENS.read_access(token, NOON)
    assert not isinstance(refusal.value, errors.TokenExpired)


@given(st.integers(0, 10_000), st.characters())
def test_one_changed_character_makes_a_sign_in_worthless(place: int, other: str) -> None:
    token = an_access_token()
    place %= len(token)
    changed = token[:place] + other + token[place + 1 :]
    if changed != token:
        with pytest.raises(errors.NotAuthenticated):
            TOKENS.read_access(changed, NOON)


@given(st.text(max_size=300))
def test_any_text_is_answered_by_name(text: str) -> None:
    with pytest.raises(errors.NotAuthenticated):
        TOKENS.read_access(text, NOON)
    with pytest.raises(errors.UnknownCode):
        TOKENS.read_qr(text)
    with pytest.raises(errors.LinkExpired):
        TOKENS.read_link(text, NOON)
    with pytest.raises(errors.Invalid):
        TOKENS.unseal("cursor", text)


def test_what_an_older_key_signed_is_good_while_the_key_is_known() -> None:
    before, between, after = Tokens({"k0": OLD}), Tokens({"k1": SECRET, "k0": OLD}), TOKENS
    assert between.read_access(an_access_token(before), NOON).account_id == "US7Q2M9X4T"
    assert between.read_qr(before.qr(BOOKING)).booking_id == BOOKING.booking_id
    assert between.unseal("cursor", before.seal("cursor", {"n": 1})) == {"n": 1}
    assert after.read_access(an_access_token(between), NOON).epoch == 3  # the first one signs
    with pytest.raises(errors.NotAuthenticated):
        after.read_access(an_access_token(before), NOON)
    with pytest.raises(errors.UnknownCode):
        after.read_qr(before.qr(BOOKING))


def test_a_pass_names_its_booking_and_bay() -> None:
    claims = TOKENS.read_qr(TOKENS.qr(BOOKING))
    assert claims == QrClaims("BK7Q2M9X4T1NG1QR00005", "zone-a", "A-001")


UUID = "12345678-1234-5678-1234-567812345678"


@pytest.mark.parametrize("issue", [0, 3])
@pytest.mark.parametrize(
    ("zone_id", "number", "is_named"),
    [
        ("zone-a", "A-001", True),
        (UUID, "A-001", True),  # a zone that came along from a replaced system
        ("z" * 48, "A-001", False),  # too long for a pass: the gate reads the booking first
        (UUID, "ABCDEFGHIJ-123456789", False),
    ],
)
def test_a_pass_has_a_hundred_characters_at_most(
    zone_id: str, number: str, is_named: bool, issue: int
) -> None:
    booking = replace(BOOKING, zone_id=zone_id, number=number, pass_issue=issue)
    code = TOKENS.qr(booking)
    assert len(code) <= 100
    named = (zone_id, number) if is_named else ("", "")
    assert TOKENS.read_qr(code) == QrClaims(BOOKING.booking_id, *named, issue)


def test_a_pass_is_short_and_of_the_letters_a_qr_symbol_packs_best() -> None:
    code = TOKENS.qr(BOOKING)
    assert re.fullmatch(r"BERTH[0-9A-Z]+", code)
    assert len(code) == 71


@given(
    st.text(ids.ALPHABET, min_size=19, max_size=19),
    st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True).filter(lambda slug: len(slug) <= 48),
    st.from_regex(r"[A-Za-z0-9-]{1,20}", fullmatch=True),
)
def test_every_pass_can_be_read_back(rest: str, zone_id: str, number: str) -> None:
    booking = replace(BOOKING, booking_id=f"BK{rest}", zone_id=zone_id, number=number)
    read = TOKENS.read_qr(TOKENS.qr(booking))
    assert read.booking_id == f"BK{rest}"
    assert (read.zone_id, read.number) in [(zone_id, number), ("", "")]


@pytest.mark.parametrize("scanned", [str.lower, "  {}\r\n".format, "\t{}".format])
def test_a_pass_is_read_as_scanners_hand_it_over(scanned: Any) -> None:
    code = TOKENS.qr(BOOKING)
    assert TOKENS.read_qr(scanned(code)) == TOKENS.read_qr(code)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda code: code[:-1],
        lambda code: code + "A",
        lambda code: code.removeprefix("BERTH"),
        lambda code: code.replace("BERTH", "BIRTH"),
        lambda code: code[:10] + ("A" if code[10] != "A" else "B") + code[11:],
        lambda code: "BERTH",
        lambda code: "BERTH" + "A" * 24,
        lambda code: "BERTH" + "A" * 400,
        lambda code: "BK7Q2M9X4T1NG1QR00005",
    ],
)
def test_a_spoilt_pass_is_an_unknown_code(spoil: Any) -> None:
    with pytest.raises(errors.UnknownCode):
        TOKENS.read_qr(spoil(TOKENS.qr(BOOKING)))


def test_a_link_is_bound_to_purpose_subject_and_version_until_it_expires() -> None:
    until = NOON + timedelta(days=1)
    text = TOKENS.link("reset_password", "US7Q2M9X4T", 4, until)
    assert TOKENS.read_link(text, NOON) == LinkClaims("reset_password", "US7Q2M9X4T", 4, until)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)  # it stands in a path
    with pytest.raises(errors.LinkExpired):
        TOKENS.read_link(text, until)


@given(st.integers(0, 10_000), st.sampled_from("ABCXYZabcxyz0189-_."))
def test_a_changed_link_is_refused_as_an_expired_one(place: int, other: str) -> None:
    text = TOKENS.link("verify_email", "US7Q2M9X4T", 0, NOON + timedelta(days=1))
    place %= len(text)
    changed = text[:place] + other + text[place + 1 :]
    if changed != text:
        with pytest.raises(errors.LinkExpired):
            TOKENS.read_link(changed, NOON)


def test_a_cursor_opens_what_it_was_sealed_for() -> None:
    text = TOKENS.seal("cursor", {"of": "bookings", "start": 7})
    assert TOKENS.unseal("cursor", text) == {"of": "bookings", "start": 7}
    with pytest.raises(errors.Invalid) as refusal:
        TOKENS.unseal("shift", text)
    assert set(refusal.value.fields) == {"cursor"}


@pytest.mark.parametrize("text", ["", "x", "x" * 3_000, "W10", "e30", "bnVsbA"])
def test_a_cursor_of_somebody_s_own_making_is_refused(text: str) -> None:
    with pytest.raises(errors.Invalid):
        TOKENS.unseal("cursor", text)


def test_a_cursor_can_neither_be_read_nor_changed() -> None:
    payload = {"of": "users", "after": "admin US7Q2M9X4T asha@example.com"}
    text = TOKENS.seal("cursor", payload)
    assert text == TOKENS.seal("cursor", payload)  # the tag of a list stays the same
    whole = bytearray(unb64(text))
    assert all(part not in whole for part in (b"asha", b"users", b"after"))
    for position in range(len(whole)):
        whole[position] ^= 1
        with pytest.raises(errors.Invalid):
            TOKENS.unseal("cursor", b64(bytes(whole)))
        whole[position] ^= 1
    assert TOKENS.unseal("cursor", b64(bytes(whole))) == payload


def test_no_kind_of_token_passes_for_another() -> None:
    link = TOKENS.link("verify_email", "US7Q2M9X4T", 0, NOON + timedelta(days=1))
    sealed = TOKENS.seal("cursor", {})
    with pytest.raises(errors.LinkExpired):
        TOKENS.read_link(sealed, NOON)
    with pytest.raises(errors.Invalid):
        TOKENS.unseal("cursor", link)
    with pytest.raises(errors.NotAuthenticated):
        TOKENS.read_access(link, NOON)
