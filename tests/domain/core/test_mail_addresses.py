"""Mail addresses (docs/rules/typing.md, Mail addresses)."""

from __future__ import annotations

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import mail_addresses
from chalicelib.domain.core.sentence import Fault
from tests.wording import refuses


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("asha@example.com", "asha@example.com"),
        ("Asha.Rao+desk@Example.co.uk", "Asha.Rao+desk@Example.co.uk"),
        ("asha@münchen.example", "asha@xn--mnchen-3ya.example"),
        ("asha@MÜNCHEN.example", "asha@xn--mnchen-3ya.example"),
        ("asha@straße.example", "asha@xn--strae-oqa.example"),
        ("asha@例え。テスト", "asha@xn--r8jz45g.xn--zckzah"),
        ("asha@उदाहरण.भारत", "asha@xn--p1b6ci4b4b3a.xn--h2brj9c"),
        ("asha@col·lecció.example", "asha@xn--collecci-ioa91d.example"),
        ("asha@xn--mnchen-3ya.example", "asha@xn--mnchen-3ya.example"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ],
)
def test_an_address_is_kept_as_mail_servers_take_it(typed: str, kept: str) -> None:
    assert mail_addresses.read(typed) == kept


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("a..b@example.com", "single dots before the @"),
        (".ab@example.com", "single dots before the @"),
        ("ab.@example.com", "single dots before the @"),
        ("x" * 65 + "@example.com", "at most 64 characters before the @"),
        ("josé@example.com", "letters from a to z"),
        ("@example.com", "must be an email address"),
        ("asha@", "must be an email address"),
        ("asha@example", "must be an email address"),
        ("asha@example..com", "must be an email address"),
        ("asha@-example.com", "must be an email address"),
        ("asha@example-.com", "must be an email address"),
        ("asha@127.0.0.1", "must be an email address"),
        ("as ha@example.com", "must be an email address"),
        ("a@b@example.com", "must be an email address"),
        ("asha@" + "x" * 64 + ".com", "must be an email address"),
        ("asha@mün chen.example", "a domain that exists"),
        ("asha@☃.example", "a domain that exists"),
        ("asha@xn--\u00fc.example", "a domain that exists"),
        ("asha@" + "x.".join(["y" * 60] * 5) + ".com", "at most 254 characters"),
    ],
)
def test_a_faulty_address_is_refused_and_says_why(typed: str, fault: str) -> None:
    with refuses(Fault, fault):
        mail_addresses.read(typed)


def test_an_address_is_found_however_its_domain_is_written() -> None:
    found = {mail_addresses.found_by(f" Asha@{d} ") for d in ("MÜNCHEN.de", "xn--mnchen-3ya.de")}
    assert found == {"asha@xn--mnchen-3ya.de"}


LABELS = st.text("abcäöüßéñøłđжяЖЯ山田例えखगत1", min_size=1, max_size=12)


@given(LABELS)
def test_a_domain_has_the_form_that_the_library_gives_it(label: str) -> None:
    expected = idna.encode(f"{label}.example", uts46=True).decode()
    assert mail_addresses.with_ascii_domain(f"{label}.example").lower() == expected
