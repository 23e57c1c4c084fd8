"""The UPI link that opens a payment app (NPCI, UPI Linking Specification 1.6). It proves nothing:
whether it was paid, only a gateway can tell."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from chalicelib.domain.core.money import Money

LONGEST_NOTE: Final = 80

_ADDRESS: Final = re.compile(r"[A-Za-z0-9._-]{2,64}@[A-Za-z][A-Za-z0-9]{1,31}")


def upi_link(payee: str, name: str, amount: Money, *, reference: str, note: str) -> str:
    """The link that pays `amount`, in rupees, to the UPI address `payee`. Raises ValueError for
    another currency and for what is no UPI address.

    >>> upi_link("parking@upi", "Car Park", Money(10050, "INR"), reference="P1", note="Bay 1")
    'upi://pay?pa=parking@upi&pn=Car%20Park&tr=P1&tn=Bay%201&am=100.50&cu=INR'
    """
    if not _ADDRESS.fullmatch(payee):
        raise ValueError(f"{payee!r} is no UPI address")
    if amount.currency != "INR":
        raise ValueError("UPI pays rupees only")
    values = {
        "pa": payee,
        "pn": name,
        "tr": reference,
        "tn": note[:LONGEST_NOTE],
        "am": amount.text(),
        "cu": amount.currency,
    }
    return "upi://pay?" + "&".join(
        f"{key}={quote(value, safe='@')}" for key, value in values.items()
    )
