"""Webhooks as the owners of a site set them up (docs/webhooks.md).

The secret is told once, when a webhook is made and whenever it is changed; after that it only
signs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.domain.core import access, errors, ids, listing
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import WEBHOOKS, Change, Tally, saving
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.realtime.webhook import MOST, PREFIX, Webhook, WebhookCall
from chalicelib.domain.realtime.webhook_target import target
from chalicelib.gateways.webhooks import CallResult
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.rate_limits import Limit
from chalicelib.services.realtime import webhook_delivery
from chalicelib.services.sites import catalogue

TRY = Limit("webhook", per_source_ip=60, per_account=20)

SECRET_LENGTH: Final = 40
"""Letters and digits of a secret: 200 random bits."""


@dataclass(frozen=True)
class NewWebhook:
    """What a webhook is to be."""

    site: str
    url: str
    events: tuple[EventName, ...]
    description: str | None = None
    active: bool = True


def create(deps: Deps, actor: Actor, new: NewWebhook, *, source_ip: str) -> Webhook:
    """Set a webhook up. Raises Forbidden, SiteNotFound, Invalid, RealtimeOff, TooManyWebhooks."""
    access.require_runs(actor, new.site)
    if not deps.catalogue.site(new.site).realtime:
        raise errors.RealtimeOff("Switch realtime on for this site first.")
    webhook = Webhook(
        webhook_id=_new_id(deps, new.site),
        site=new.site,
        url=_good(deps, new.url),
        events=_named_once(new.events),
        secret=_secret(deps),
        created_at=deps.now(),
        description=new.description,
        active=new.active,
    )
    done = _did(deps, actor, "create_webhook", webhook, source_ip)
    try:
        deps.commit(saving(webhook).counting(_counted(webhook, 1)).auditing(done))
    except errors.AlreadyExists:
        if deps.replay is None:
            raise
        return deps.webhooks.get(webhook.webhook_id)
    return webhook


def get(deps: Deps, actor: Actor, webhook_id: str) -> Webhook:
    """A webhook, for those who run its site. Raises WebhookNotFound, Forbidden."""
    webhook = deps.webhooks.get(webhook_id)
    access.require_runs(actor, webhook.site)
    return webhook


def list_of(
    deps: Deps, actor: Actor, site: str, *, limit: int, after: str | None
) -> Listing[Webhook]:
    """The webhooks of a site, by their id: one query. Raises Forbidden, SiteNotFound."""
    access.require_runs(actor, site)
    found = deps.webhooks.of_site(deps.catalogue.site(site).slug)
    return listing.page(found, lambda hook: hook.webhook_id, limit=limit, after=after)


def edit(
    deps: Deps, actor: Actor, webhook_id: str, changes: Mapping[str, Any], *, source_ip: str
) -> Webhook:
    """Change some fields of a webhook; switching it on forgets its failures. Raises
    WebhookNotFound, Forbidden, Invalid."""
    if "url" in changes:
        _good(deps, changes["url"])
    if "events" in changes:
        changes = {**changes, "events": _named_once(changes["events"])}

    def once() -> Webhook:
        edited = get(deps, actor, webhook_id).edited(changes)
        done = _did(
            deps, actor, "edit_webhook", edited, source_ip, catalogue.changed_fields(changes)
        )
        deps.commit(saving(edited).auditing(done))
        return edited

    return deps.retry_on_conflict(once)


def rotate(deps: Deps, actor: Actor, webhook_id: str, *, source_ip: str) -> Webhook:
    """Give a webhook a new secret; for a day the old one signs too. Raises WebhookNotFound,
    Forbidden."""

    def once() -> Webhook:
        rotated = get(deps, actor, webhook_id).rotated(_secret(deps), deps.now())
        done = _did(deps, actor, "rotate_webhook", rotated, source_ip)
        deps.commit(saving(rotated).auditing(done))
        return rotated

    return deps.retry_on_conflict(once)


def delete(deps: Deps, actor: Actor, webhook_id: str, *, source_ip: str) -> None:
    """Take a webhook away. Calls that still wait are dropped. Raises WebhookNotFound, Forbidden."""

    def once() -> None:
        webhook = get(deps, actor, webhook_id)
        done = _did(deps, actor, "delete_webhook", webhook, source_ip)
        deps.commit(Change().deleting(webhook).counting(_counted(webhook, -1)).auditing(done))

    deps.retry_on_conflict(once)


def try_out(
    deps: Deps, actor: Actor, webhook_id: str, *, source_ip: str
) -> tuple[WebhookCall, CallResult]:
    """Call a webhook now with the event `ping`, active or not, and tell what it answered. That is
    no failure that counts. Raises WebhookNotFound, Forbidden."""
    webhook = get(deps, actor, webhook_id)
    deps.audit.append(_did(deps, actor, "test_webhook", webhook, source_ip))
    return webhook_delivery.ping(deps, webhook)


def deliveries(
    deps: Deps, actor: Actor, webhook_id: str, *, limit: int, after: str | None
) -> Listing[WebhookCall]:
    """What became of its calls, newest first. Raises WebhookNotFound, Forbidden."""
    webhook = get(deps, actor, webhook_id)
    return deps.webhooks.deliveries(webhook.webhook_id, limit=limit, after=after)


def _counted(webhook: Webhook, by: int) -> Tally:
    """So many webhooks more or less at the site: at the most there may be, adding is refused."""
    return Tally(f"site#{webhook.site}", WEBHOOKS, by, MOST if by > 0 else None)


def _good(deps: Deps, url: str) -> str:
    target(url, loopback=deps.settings.webhooks_to_loopback)
    return url


def _new_id(deps: Deps, site: str) -> str:
    """An id that names its site; the same one again for a repeated request."""
    return f"{site}.{deps.new_booking_id(deps.new_locator()).replace('BK', 'WH', 1)}"


def _secret(deps: Deps) -> str:
    return PREFIX + ids.encode(deps.random_bits(5 * SECRET_LENGTH), SECRET_LENGTH)


def _named_once(events: tuple[EventName, ...]) -> tuple[EventName, ...]:
    return tuple(sorted(set(events)))


def _did(
    deps: Deps, actor: Actor, action: str, webhook: Webhook, source_ip: str, detail: str = ""
) -> AuditEvent:
    return catalogue.audit_event(
        deps, actor, action, webhook.webhook_id, webhook.site, source_ip, detail=detail
    )
