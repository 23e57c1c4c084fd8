"""API keys of a site, managed by its owners, and the authentication of devices
(docs/decisions/api-keys.md).

The secret is returned only where it is new, and stored as a digest.
"""

from __future__ import annotations

from typing import Final

from chalicelib.domain.accounts import api_key
from chalicelib.domain.accounts.api_key import MOST, SECRET_LENGTH, ApiKey
from chalicelib.domain.core import access, errors, ids
from chalicelib.domain.core.access import Actor, KeyActor, KeyScope, Role
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import API_KEYS, Tally, saving
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say
from chalicelib.services.core import audit_events, rate_limits
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.rate_limits import Limit

LIMIT: Final = Limit("api_key", per_source_ip=1200, per_account=120)
"""Of one key, and of all devices and guesses behind one source IP. A gate that polls each second
stays below the first."""


def authenticate(deps: Deps, text: str, *, source_ip: str) -> KeyActor:
    """The actor of an API key: at most one read, cached. Raises NotAuthenticated, and TooMany above
    the limit of the key."""
    rate_limits.check_source_ip(deps, LIMIT, source_ip)
    key = _found(deps, text)
    if key is None:
        raise errors.NotAuthenticated(say("api_key_invalid"))
    actor = KeyActor(
        key.key_id, Role.STAFF, frozenset({key.site}), key.name, device=key.name, scope=key.scope
    )
    rate_limits.check_account(deps, LIMIT, actor)
    return actor


def create(
    deps: Deps, actor: Actor, site: str, name: str, scope: KeyScope, *, source_ip: str
) -> tuple[ApiKey, str | None]:
    """Create a key and return it with its text. A replayed request, whose first answer was lost,
    gets the same key with a new secret, and a key that was revoked meanwhile without any. Raises
    Forbidden, SiteNotFound, ClosedForGood, TooManyApiKeys."""
    access.require_runs(actor, site)
    if deps.catalogue.site(site).closed_at is not None:
        raise errors.ClosedForGood()
    secret = _secret(deps)
    key = ApiKey(
        key_id=f"{site}.{deps.new_lasting_id('AK')}",
        site=site,
        scope=scope,
        name=name,
        digest=api_key.digest_of(secret),
        created_by=actor.account_id,
        created_at=deps.now(),
    )
    audit = _audit_of(deps, actor, "create_api_key", key, source_ip)
    try:
        deps.commit(saving(key).counting(_count(key, 1)).auditing(audit))
    except errors.AlreadyExists:
        found = deps.api_keys.get(key.key_id)
        if found.name != name or not deps.is_replay_of(found.created_at):
            raise
        if found.revoked_at is not None:
            return found, None
        key = found.with_secret(secret)
        deps.commit(saving(key))
    return key, api_key.text(key.key_id, secret)


def get(deps: Deps, actor: Actor, key_id: str) -> ApiKey:
    """A key, for owners of its site. Raises ApiKeyNotFound, Forbidden."""
    key = deps.api_keys.get(key_id)
    access.require_runs(actor, key.site)
    return key


def list_of(
    deps: Deps, actor: Actor, site: str, *, limit: int, after: str | None
) -> Listing[ApiKey]:
    """The keys of a site, also the revoked ones, newest first: one query. Raises Forbidden,
    SiteNotFound."""
    access.require_runs(actor, site)
    return deps.api_keys.of_site(deps.catalogue.site(site).slug, limit=limit, after=after)


def revoke(deps: Deps, actor: Actor, key_id: str, *, source_ip: str) -> None:
    """Revoke a key; without effect where it is revoked. On this instance it is void at once, on the
    others within `CATALOGUE_SECONDS`. Raises ApiKeyNotFound, Forbidden."""

    def once() -> None:
        key = get(deps, actor, key_id)
        if key.revoked_at is None:
            audit = _audit_of(deps, actor, "revoke_api_key", key, source_ip)
            revoked = saving(key.revoked(deps.now()))
            deps.commit(revoked.counting(_count(key, -1)).auditing(audit))

    deps.retry_on_conflict(once)


def _found(deps: Deps, text: str) -> ApiKey | None:
    """The key with that text, while it is in force."""
    parts = api_key.parts(text.strip())
    if parts is None:
        return None
    key_id, secret = parts
    try:
        key = deps.api_keys.known(key_id)
    except errors.ApiKeyNotFound:
        return None
    return key if key.opens_with(secret) else None


def _secret(deps: Deps) -> str:
    return ids.encode(deps.random_bits(5 * SECRET_LENGTH), SECRET_LENGTH)


def _count(key: ApiKey, by: int) -> Tally:
    """A step of the counter of the keys of a site. An increment above `MOST` is refused."""
    return Tally(f"site#{key.site}", API_KEYS, by, MOST if by > 0 else None)


def _audit_of(deps: Deps, actor: Actor, action: str, key: ApiKey, source_ip: str) -> AuditEvent:
    return audit_events.event(
        deps,
        actor=actor,
        action=action,
        subject=key.key_id,
        site=key.site,
        source_ip=source_ip,
        detail=f"{key.scope.value}: {key.name}",
    )
