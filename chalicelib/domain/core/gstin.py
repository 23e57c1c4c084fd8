"""The number under which a business is registered for the GST of India (GSTIN), and the states that
it may name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from chalicelib.domain.core.sentence import Fault, say

LENGTH: Final = 15

STATES: Final[Mapping[str, str]] = {
    "01": "Jammu and Kashmir", "02": "Himachal Pradesh", "03": "Punjab", "04": "Chandigarh",
    "05": "Uttarakhand", "06": "Haryana", "07": "Delhi", "08": "Rajasthan", "09": "Uttar Pradesh",
    "10": "Bihar", "11": "Sikkim", "12": "Arunachal Pradesh", "13": "Nagaland", "14": "Manipur",
    "15": "Mizoram", "16": "Tripura", "17": "Meghalaya", "18": "Assam", "19": "West Bengal",
    "20": "Jharkhand", "21": "Odisha", "22": "Chhattisgarh", "23": "Madhya Pradesh",
    "24": "Gujarat", "26": "Dadra and Nagar Haveli and Daman and Diu", "27": "Maharashtra",
    "29": "Karnataka", "30": "Goa", "31": "Lakshadweep", "32": "Kerala", "33": "Tamil Nadu",
    "34": "Puducherry", "35": "Andaman and Nicobar Islands", "36": "Telangana",
    "37": "Andhra Pradesh", "38": "Ladakh", "97": "Other Territory",
}  # fmt: skip
"""The names of the states and territories, by their codes."""

WITHOUT_LEGISLATURE: Final = frozenset({"04", "26", "31", "35", "38", "97"})
"""Territories whose half of the tax is called UTGST."""

_FORM: Final = "[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]"
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read(text: str) -> str:
    """A GSTIN in upper case, whose state and check digit are right. Raises Fault.

    >>> read("27aapfu0939f1zv")
    '27AAPFU0939F1ZV'
    """
    number = "".join(text.split()).upper()
    if not re.fullmatch(_FORM, number) or number[:2] not in STATES or number[-1] != _check(number):
        raise Fault(say("must_be_gstin"))
    return number


def state_of(number: str) -> str:
    """The code of the state in a GSTIN."""
    return number[:2]


def _check(number: str) -> str:
    """The check digit: each digit counts once or twice in turn, and the two digits of a product to
    the base 36 are added."""
    products = (
        _DIGITS.index(digit) * (1 + place % 2) for place, digit in enumerate(number[: LENGTH - 1])
    )
    total = sum(sum(divmod(product, 36)) for product in products)
    return _DIGITS[-total % 36]
