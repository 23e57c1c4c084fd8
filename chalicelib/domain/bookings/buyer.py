"""The buyer of a stay, as its invoice names it (docs/rules/receipts.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import Name, Named
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites.seller import Gstin, PostalAddress

BuyerCategory = Annotated[Literal["private", "business"], Named("BuyerCategory")]


@dataclass(frozen=True)
class Buyer:
    """A private person, who is named on request, or a business with its name and, where it has
    them, its GSTIN and address."""

    category: BuyerCategory = "private"
    name: Name | None = None
    gstin: Gstin | None = None
    address: PostalAddress | None = None

    def __post_init__(self) -> None:
        if self.category == "business" and self.name is None:
            raise errors.Invalid({"name": say("must_be_given")})
        if self.category == "private" and self.gstin is not None:
            raise errors.Invalid({"gstin": say("is_for_businesses_only")})
