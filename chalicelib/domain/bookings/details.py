"""The details of a booking: what the customer or staff enter about it, besides where and when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from chalicelib.domain.bookings.buyer import Buyer
from chalicelib.domain.core.constraints import Email, Name, Phone


@dataclass(frozen=True)
class Guest:
    """A person who comes along, or for whom staff book."""

    name: Name
    email: Email | None = None
    phone: Phone | None = None


@dataclass(frozen=True)
class BookingDetails:
    """The details of one booking, carried whole from the request to the store. `language` is the
    tag (BCP 47) of its guest, `buyer` is whom its invoice names."""

    vehicle_number: str | None = None
    owner_name: str | None = None
    purpose: str | None = None
    guests: tuple[Guest, ...] = ()
    auto_renew: bool = False
    language: str | None = None
    buyer: Buyer | None = None

    @property
    def anonymous(self) -> BookingDetails:
        """What is kept of them when the customer is erased."""
        return BookingDetails(auto_renew=self.auto_renew)


NO_DETAILS: Final = BookingDetails()


@dataclass(frozen=True)
class DetailsEdit:
    """New values for some details; None leaves a detail as it is."""

    vehicle_number: str | None = None
    owner_name: str | None = None
    purpose: str | None = None
    guests: tuple[Guest, ...] | None = None
    auto_renew: bool | None = None
    language: str | None = None
    buyer: Buyer | None = None

    def of(self, details: BookingDetails) -> BookingDetails:
        """`details` with the new values.

        >>> details = BookingDetails("KA01AB1234", purpose="Market")
        >>> DetailsEdit(purpose="Choir").of(details) == replace(details, purpose="Choir")
        True
        """
        given = {name: value for name, value in vars(self).items() if value is not None}
        return replace(details, **given)


UNCHANGED: Final = DetailsEdit()
