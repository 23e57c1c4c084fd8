"""Promo codes of sites and of all sites, and the wrong codes that an account has tried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, cast

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.promos.promo import EVERYWHERE, Promo, UseLimits, split_id
from chalicelib.domain.sites.site import ZoneKind
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import InventoryTable
from chalicelib.store.dynamodb.transaction import Write


class PromoItem(InventoryTable):
    """A code (`promos#<site>`, code), of all sites under `promos#-`. Amounts are minor units."""

    version = IntegerAttribute(attr_name="v")
    uid = UnicodeAttribute()
    created = IntegerAttribute()
    percent = IntegerAttribute(null=True)
    amount = IntegerAttribute(null=True)
    currency = UnicodeAttribute(null=True)
    minimum = IntegerAttribute(null=True)
    description = UnicodeAttribute(null=True)
    active = BooleanAttribute()
    first = UnicodeAttribute(null=True)
    last = UnicodeAttribute(null=True)
    zones: JSONAttribute = JSONAttribute(null=True)
    kinds: JSONAttribute = JSONAttribute(null=True)
    limits: JSONAttribute = JSONAttribute(null=True)
    n = IntegerAttribute(null=True)
    ttl = IntegerAttribute(null=True)


class Promos:
    """The codes of all sites, and the wrong ones."""

    def look_up(
        self, site: str, code: str, *, account_id: str, window: int
    ) -> tuple[Promo | None, int]:
        """The code as it works at a site, its own before one of all sites; None where there is
        none. With it the number of wrong codes that the account tried in a window of time: one
        batch read."""
        own, everywhere = _key(site, code), _key(None, code)
        wrong = _guesses(account_id, window)
        with translated():
            found = list(PromoItem.batch_get([own, everywhere, wrong], consistent_read=True))
        by_key = {(item.pk, item.sk): item for item in found}
        item = by_key.get(own) or by_key.get(everywhere)
        tried = by_key.get(wrong)
        return None if item is None else from_item(item), 0 if tried is None else tried.n or 0

    def count_wrong(self, account_id: str, window: int, *, ttl: int) -> None:
        """Count a wrong code of an account: one update."""
        with translated():
            PromoItem(*_guesses(account_id, window)).update(
                [PromoItem.n.add(1), PromoItem.ttl.set(ttl)]
            )

    def get(self, promo_id: str) -> Promo:
        """A code as it is now: one read. Raises PromoNotFound."""
        try:
            with translated():
                return from_item(PromoItem.get(*_key(*split_id(promo_id)), consistent_read=True))
        except PromoItem.DoesNotExist:
            raise errors.PromoNotFound() from None

    def of_site(self, site: str | None, *, limit: int, after: str | None) -> Listing[Promo]:
        """The codes of a site, or of all sites, in order, those after the code `after`: one
        query."""
        with translated():
            found = PromoItem.query(
                _key(site, "")[0],
                None if after is None else PromoItem.sk > after,
                limit=limit,
                page_size=limit,
                consistent_read=True,
            )
            promos = tuple(from_item(item) for item in found)
        more = found.last_evaluated_key is not None and bool(promos)
        return Listing(promos, promos[-1].code if more else None)


def writes(promo: Promo) -> Iterator[Write]:
    """The code under its version."""
    yield transaction.save(to_item(promo), promo.version)


def to_item(promo: Promo) -> PromoItem:
    """The item of a code."""
    limits = {name: getattr(promo.limits, name) for name in UseLimits.__slots__}
    return PromoItem(
        *_key(promo.site, promo.code),
        version=promo.version,
        uid=promo.uid,
        created=unixtime.of(promo.created_at),
        percent=promo.percent or None,
        amount=promo.amount or None,
        currency=promo.currency,
        minimum=promo.minimum or None,
        description=promo.description,
        active=promo.active,
        first=_text(promo.first),
        last=_text(promo.last),
        zones=list(promo.zones) or None,
        kinds=list(promo.kinds) or None,
        limits={name: most for name, most in limits.items() if most is not None} or None,
    )


def from_item(item: PromoItem) -> Promo:
    """The code in an item."""
    site = item.pk.removeprefix("promos#")
    limits: dict[str, Any] = item.limits or {}
    return Promo(
        site=None if site == EVERYWHERE else site,
        code=item.sk,
        uid=item.uid,
        created_at=unixtime.instant(item.created),
        percent=item.percent or 0,
        amount=item.amount or 0,
        currency=item.currency,
        minimum=item.minimum or 0,
        description=item.description,
        active=item.active,
        first=_date(item.first),
        last=_date(item.last),
        zones=tuple(item.zones or ()),
        kinds=tuple(cast(ZoneKind, kind) for kind in item.kinds or ()),
        limits=UseLimits(**limits),
        version=item.version,
    )


def _key(site: str | None, code: str) -> tuple[str, str]:
    return f"promos#{site or EVERYWHERE}", code


def _guesses(account_id: str, window: int) -> tuple[str, str]:
    return f"guesses#{account_id}", str(window)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
