"""A promo code: what it takes off, where and when it may be used, and how often
(docs/rules/promos.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Self

from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import say
from chalicelib.domain.pricing.promo_terms import PromoTerms
from chalicelib.domain.sites.site import Zone, ZoneKind

EVERYWHERE: Final = "-"
"""In an id the place of the site, for a code of all sites. No slug is like it."""

MOST_USES: Final = 1_000_000
MOST_ZONES: Final = 50
SHORTEST: Final = 3
LONGEST: Final = 20
CODE: Final = r"[A-Za-z0-9][A-Za-z0-9-]{1,18}[A-Za-z0-9]"
"""The form of a code, in any case."""


def read_code(text: str) -> str | None:
    """A code as it is kept, in upper case; None for a text that no code is like.

    >>> read_code(" summer-20 "), read_code("SUMMER20"), read_code("SÜMMER"), read_code("A")
    ('SUMMER-20', 'SUMMER20', None, None)
    """
    code = text.strip()
    return code.upper() if re.fullmatch(CODE, code) else None


@dataclass(frozen=True, slots=True)
class UseLimits:
    """The most uses of a code: in all, by one person, at one site, and of one day, week or month of
    the site's calendar. None is no limit."""

    total: int | None = None
    per_person: int | None = None
    per_site: int | None = None
    per_day: int | None = None
    per_week: int | None = None
    per_month: int | None = None


NO_LIMITS: Final = UseLimits()


@dataclass(frozen=True)
class Promo:
    """A code of one site, or of all (`site` None). It takes off `percent` of a price, or the
    `amount` in minor units of `currency`, where the price is at least `minimum`. It may be used for
    bookings that are made from the local date `first` to `last`, in `zones` (none named: all) of
    `kinds` (none named: all). `uid` names its counters: a code made again later counts anew."""

    site: str | None
    code: str
    uid: str
    created_at: datetime
    percent: int = 0
    amount: int = 0
    currency: str | None = None
    minimum: int = 0
    description: str | None = None
    active: bool = True
    first: date | None = None
    last: date | None = None
    zones: tuple[str, ...] = ()
    kinds: tuple[ZoneKind, ...] = ()
    limits: UseLimits = NO_LIMITS
    version: int = 1

    @property
    def promo_id(self) -> str:
        """Its id: the site and the code."""
        return f"{self.site or EVERYWHERE}.{self.code}"

    @property
    def terms(self) -> PromoTerms:
        """What it takes off."""
        return PromoTerms(self.code, self.percent, self.amount, self.minimum)

    def edited(self, changes: dict[str, object]) -> Self:
        """The next version with `changes`."""
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]

    def require_usable(self, zone: Zone, day: date, *, has_account: bool) -> None:
        """Require that it may be used for a booking of a zone, made on a local date. Raises
        PromoNotFound where it is switched off, and PromoNotValid with the reason."""
        if not self.active:
            raise errors.PromoNotFound.named()
        if self.first is not None and day < self.first:
            raise errors.PromoNotValid(say("promo_from", day=self.first))
        if self.last is not None and day > self.last:
            raise errors.PromoNotValid(say("promo_until", day=self.last))
        if not self._covers(zone):
            raise errors.PromoNotValid(say("promo_not_here"))
        if self.limits.per_person is not None and not has_account:
            raise errors.PromoNotValid(say("promo_needs_account"))

    def _covers(self, zone: Zone) -> bool:
        is_named = not self.zones or zone.zone_id in self.zones
        is_kind = not self.kinds or zone.kind in self.kinds
        return is_named and is_kind and self.currency in (None, zone.tariff.currency)


def split_id(promo_id: str) -> tuple[str | None, str]:
    """The site and the code in an id. Raises PromoNotFound.

    >>> split_id("central.SUMMER20"), split_id("-.SUMMER20")
    (('central', 'SUMMER20'), (None, 'SUMMER20'))
    """
    site, _, text = promo_id.partition(".")
    code = read_code(text)
    if code is None or not site:
        raise errors.PromoNotFound()
    return (None if site == EVERYWHERE else site), code
