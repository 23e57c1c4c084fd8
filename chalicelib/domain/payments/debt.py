"""A debt: the amount due of a stay or a no-show, as the customer's account names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from chalicelib.domain.core.change import OWING, Tally


@dataclass(frozen=True, order=True)
class Debt:
    """The booking that is unpaid, and its site."""

    booking_id: str
    site: str

    @classmethod
    def read(cls, name: str) -> Self:
        """The debt of a name."""
        site, _, booking_id = name.partition("/")
        return cls(booking_id, site)

    @property
    def name(self) -> str:
        """Its name on the account.

        >>> Debt("BK7Q2M9X4T1NG1QR00005", "central").name
        'central/BK7Q2M9X4T1NG1QR00005'
        """
        return f"{self.site}/{self.booking_id}"

    def arises(self, locator: str) -> Tally:
        """The step by which the account of a customer gains it."""
        return Tally(locator, OWING, 1, member=self.name)

    def ends(self, locator: str) -> Tally:
        """The step by which the account loses it."""
        return Tally(locator, OWING, -1, member=self.name)
