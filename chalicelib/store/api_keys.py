"""API keys of sites.

Every request of a device needs its key, so an instance keeps a key for `CATALOGUE_SECONDS`. It sees
its own writes at once; a revocation by another instance it sees when that time is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.accounts.api_key import ApiKey, is_id, site_of
from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.access import KeyScope
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.listing import Listing
from chalicelib.store.cache import Cache
from chalicelib.store.dynamodb import lists, transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AccountsTable
from chalicelib.store.dynamodb.transaction import Write

MOST_KEPT: Final = 1_000
"""Keys that an instance keeps."""


class ApiKeyItem(AccountsTable):
    """An API key of a site (`keys#<site>`, rest of its id)."""

    version = IntegerAttribute(attr_name="v")
    scope = UnicodeAttribute()
    name = UnicodeAttribute()
    digest = UnicodeAttribute()
    created_by = UnicodeAttribute()
    created = IntegerAttribute()
    revoked = IntegerAttribute(null=True)


class ApiKeys:
    """The API keys of all sites."""

    def __init__(self, keep_seconds: int) -> None:
        self._keys = Cache(keep_seconds, most=MOST_KEPT)

    def get(self, key_id: str) -> ApiKey:
        """A key as it is now: one read. Raises ApiKeyNotFound."""
        if not is_id(key_id):
            raise errors.ApiKeyNotFound()
        try:
            with translated():
                return from_item(ApiKeyItem.get(*_key(key_id), consistent_read=True))
        except ApiKeyItem.DoesNotExist:
            raise errors.ApiKeyNotFound() from None

    def known(self, key_id: str) -> ApiKey:
        """A key, cached. Raises ApiKeyNotFound."""
        return self._keys.get(key_id, lambda: self.get(key_id))

    def of_site(self, site: str, *, limit: int, after: str | None = None) -> Listing[ApiKey]:
        """The keys of a site, the newest first: one query."""
        return lists.newest_first(
            ApiKeyItem,
            f"keys#{site}",
            from_item,
            place=lambda key: _key(key.key_id)[1],
            limit=limit,
            before=after,
        )

    def forget_changed(self, change: Change) -> None:
        """Read the keys that `change` writes again next time."""
        for record in change.saves:
            if isinstance(record, ApiKey):
                self._keys.forget(record.key_id)

    def forget_all(self) -> None:
        """Read every key again."""
        self._keys.clear()


def writes(key: ApiKey) -> Iterator[Write]:
    """The key under its version."""
    yield transaction.save(to_item(key), key.version)


def to_item(key: ApiKey) -> ApiKeyItem:
    """The item of a key."""
    return ApiKeyItem(
        *_key(key.key_id),
        version=key.version,
        scope=key.scope.value,
        name=key.name,
        digest=key.digest,
        created_by=key.created_by,
        created=unixtime.of(key.created_at),
        revoked=unixtime.of(key.revoked_at),
    )


def from_item(item: ApiKeyItem) -> ApiKey:
    """The key in an item."""
    site = item.pk.removeprefix("keys#")
    return ApiKey(
        key_id=f"{site}.{item.sk}",
        site=site,
        scope=KeyScope(item.scope),
        name=item.name,
        digest=item.digest,
        created_by=item.created_by,
        created_at=unixtime.instant(item.created),
        revoked_at=unixtime.instant(item.revoked),
        version=item.version,
    )


def _key(key_id: str) -> tuple[str, str]:
    site = site_of(key_id)
    return f"keys#{site}", key_id.removeprefix(f"{site}.")
