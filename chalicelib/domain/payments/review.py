"""A review case: something that does not fit and waits for a person (docs/rules/payments.md,
Review)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, Self

from chalicelib.domain.core import errors
from chalicelib.domain.payments.gateway import GatewayName

CaseStatus = Literal["open", "closed"]

LONGEST_ID: Final = 40


@dataclass(frozen=True, slots=True)
class Difference:
    """What of the books does not agree: its subject (a booking, a shift, an entry, an id of the
    gateway) and the reason, in words for staff. It goes back to something made `at`, where that is
    known."""

    subject: str
    reason: str
    booking_id: str | None = None
    gateway: GatewayName | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """Something that does not fit: an unknown order (`site` is None), a wrong amount, another
    currency, a difference in the books. `order` is what it is about. A closed case has the account
    that closed it, and its note."""

    case_id: str
    at: datetime
    site: str | None
    gateway: GatewayName | None
    order: str
    booking_id: str | None
    reason: str
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str = ""
    version: int = 1

    @property
    def status(self) -> CaseStatus:
        return "open" if self.closed_at is None else "closed"

    def closed(self, *, by: str, at: datetime, note: str) -> Self:
        """The case, closed with a note. Closed again with the same note it is unchanged.
        Raises CaseClosed for another one."""
        if self.closed_at is None:
            return replace(self, closed_at=at, closed_by=by, note=note)
        if self.note != note:
            raise errors.CaseClosed()
        return self
