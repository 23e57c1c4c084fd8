"""Amounts of money as people write them."""

from __future__ import annotations

import re
from typing import Final

from chalicelib.domain.core.money import Money, exponent
from chalicelib.domain.core.sentence import Fault, say

_AMOUNT: Final = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,4}))?(?: ([A-Z]{3}))?")


def read(text: object, currency: str) -> Money:
    """A decimal such as "150" or "150.00", or "150.00 INR". Raises Fault for what is not exact and
    for another currency.

    >>> read("150.5", "INR")
    Money(minor=15050, currency='INR')
    """
    places = exponent(currency)
    found = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if found is None or len(found[3] or "") > places:
        raise Fault(say("must_be_decimal", places=places, example=_like(places)))
    if found[4] not in (None, currency):
        raise Fault(say("must_be_in_currency", currency=currency, other=found[4]))
    minor = int(found[2] + (found[3] or "").ljust(places, "0"))
    return Money(-minor if found[1] else minor, currency)


def _like(places: int) -> str:
    return '"50.' + "0" * places + '"' if places else '"50"'
