"""Mail addresses as mail servers take them (docs/rules/typing.md, Mail addresses).

Rules of our own: the library for it brings a DNS resolver.
`tests/domain/core/test_mail_addresses.py` holds both against each other.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chalicelib.domain.core.sentence import Fault, say

LONGEST: Final = 254
LONGEST_LOCAL: Final = 64
"""Characters before the @."""

FORM: Final = say("must_be_mail_address")

_NO_DOMAIN: Final = say("must_have_domain")
_LOCAL: Final = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = rf"(?:{_LABEL}\.)+(?=[0-9-]*[A-Za-z])(?!-){_LABEL}"


def read(text: str) -> str:
    """A mail address as it is kept and written to: a domain in other letters by its `xn--` form.
    Raises Fault.

    >>> read("asha@münchen.example")
    'asha@xn--mnchen-3ya.example'
    """
    local, _, domain = text.rpartition("@")
    if not local or not domain:
        raise Fault(FORM)
    if len(local) > LONGEST_LOCAL:
        raise Fault(say("must_have_at_most_before_at", most=LONGEST_LOCAL))
    if not local.isascii():
        raise Fault(say("must_be_ascii_before_at"))
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise Fault(say("must_have_single_dots"))
    address = f"{local}@{with_ascii_domain(domain)}"
    if not re.fullmatch(f"{_LOCAL}@{_DOMAIN}", address):
        raise Fault(FORM)
    if len(address) > LONGEST:
        raise Fault(say("must_have_at_most_characters", most=LONGEST))
    return address


def with_ascii_domain(domain: str) -> str:
    """A domain by its `xn--` form if it has other letters. Raises Fault for one that cannot
    exist.

    >>> with_ascii_domain("Straße.example"), with_ascii_domain("bücher。example")
    ('xn--strae-oqa.example', 'xn--bcher-kva.example')
    """
    if domain.isascii() and "xn--" not in domain.lower():
        return domain
    labels = unicodedata.normalize("NFKC", domain.lower()).replace("。", ".").split(".")
    return ".".join(map(_ascii_label, labels))


def _ascii_label(label: str) -> str:
    """A label as RFC 5891 writes it. Python's own codec is of 2003 and writes ß as ss."""
    if label.startswith("xn--"):
        _require_letters(_decoded(label))
    if label.isascii():
        return label
    _require_letters(label)
    return "xn--" + label.encode("punycode").decode()


def _decoded(label: str) -> str:
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        raise Fault(_NO_DOMAIN) from None


def _require_letters(label: str) -> None:
    """Require letters, their marks, digits and dashes, with a letter or digit at either end. Raises
    Fault."""
    marks = label.replace("l·l", "ll")  # Catalan
    kinds = [unicodedata.category(mark) for mark in marks if mark not in "-\u200c\u200d"]
    if not kinds or kinds[0].startswith("M") or label.startswith("-") or label.endswith("-"):
        raise Fault(_NO_DOMAIN)
    if any(kind[0] not in "LM" and kind != "Nd" for kind in kinds):
        raise Fault(_NO_DOMAIN)


def found_by(text: str) -> str:
    """An address, or its beginning, as it is compared: in lower case, by its `xn--` form.

    >>> found_by(" Asha@MÜNCHEN.example ")
    'asha@xn--mnchen-3ya.example'
    """
    local, at, domain = text.strip().lower().rpartition("@")
    try:
        return local + at + with_ascii_domain(domain)
    except ValueError:
        return local + at + domain
