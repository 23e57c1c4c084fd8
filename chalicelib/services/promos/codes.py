"""The code that a booking names (docs/rules/promos.md)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.core import errors, localtime, unixtime
from chalicelib.domain.core.change import Tally
from chalicelib.domain.promos import redemption
from chalicelib.domain.promos.promo import Promo, read_code
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core.deps import Deps

MOST_WRONG: Final = 10
"""Wrong codes of one account in one window of time."""

WINDOW: Final = 900
"""Seconds."""


def find(deps: Deps, text: str, zone: Zone, *, account_id: str, has_account: bool = True) -> Promo:
    """The code `text` for a booking of a zone that is made now, by an account for a customer: one
    batch read; a wrong code is counted by one update. Raises PromoNotFound, PromoNotValid, and
    TooMany after too many wrong ones, also for a right one."""
    code, now = read_code(text), deps.now()
    if code is None:
        raise errors.PromoNotFound.named()
    second = unixtime.of(now)
    window = second // WINDOW
    promo, wrong = deps.promos.look_up(zone.site, code, account_id=account_id, window=window)
    if wrong >= MOST_WRONG * deps.settings.limits_factor:
        raise errors.TooMany(retry_after=(window + 1) * WINDOW - second)
    if promo is None or not promo.active:
        deps.promos.count_wrong(account_id, window, ttl=(window + 2) * WINDOW)
        raise errors.PromoNotFound.named()
    day = localtime.local_date(now, deps.catalogue.site(zone.site).tz)
    promo.require_usable(zone, day, has_account=has_account)
    return promo


def uses(deps: Deps, promo: Promo, site: str, locator: str | None) -> tuple[Tally, ...]:
    """The steps that count a use of a code at a site now; without `locator` by a guest without
    account."""
    day = localtime.local_date(deps.now(), deps.catalogue.site(site).tz)
    return tuple(redemption.uses(promo, site, day, locator))
