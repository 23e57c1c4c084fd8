"""The business that sells at a site, as its invoices name it (docs/rules/receipts.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.domain.core import errors, gstin
from chalicelib.domain.core.constraints import Doc, Name, Text
from chalicelib.domain.core.sentence import say

Gstin = Annotated[
    str,
    Text(max=20, read=gstin.read),
    Doc("The GSTIN of a business in India.", "27AAPFU0939F1ZV"),
]
PostalAddress = Annotated[str, Text(max=300, lines=True)]
StateCode = Annotated[
    str,
    Text(max=2, pattern="[0-9]{2}", form=say("must_be_state_code")),
    Doc("The code of the state in which the property lies; that of the GSTIN by default.", "27"),
]
Mark = Annotated[
    str,
    Text(min=0, max=3, pattern="[A-Za-z0-9]*", form=say("must_be_letters_digits")),
    Doc("Begins the numbers of this site; differs between the sites of one GSTIN.", "AB"),
]


@dataclass(frozen=True)
class Seller:
    """Who sells at a site. With a `gstin` it makes out tax invoices. `state` is the code of the
    state of the property, and `mark` begins its numbers."""

    legal_name: Name
    gstin: Gstin | None = None
    address: PostalAddress | None = None
    state: StateCode | None = None
    mark: Mark = ""

    def __post_init__(self) -> None:
        if self.state is not None and self.state not in gstin.STATES:
            raise errors.Invalid({"state": say("must_be_state_code")})

    @property
    def place_of_supply(self) -> str | None:
        """The code of the state of the property."""
        if self.state is not None or self.gstin is None:
            return self.state
        return gstin.state_of(self.gstin)
