"""Webhooks of a site, managed by its owners (docs/webhooks.md).

The secret is returned only where it is new: when a webhook is created, and when it is rotated.
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
from chalicelib.domain.core.sentence import say
from chalicelib.domain.realtime.webhook import MOST, PREFIX, Webhook, WebhookCall
from chalicelib.domain.realtime.webhook_target import target
from chalicelib.gateways.webhooks import CallResult
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.rate_limits import Limit
from chalicelib.services.realtime import webhook_delivery
from chalicelib.services.sites import catalogue

TEST_LIMIT = Limit("webhook", per_source_ip=60, per_account=20)

SECRET_LENGTH: Final = 40
SECRET_BITS: Final = 5 * SECRET_LENGTH
"""Letters and digits of a secret: 200 random bits."""


@dataclass(frozen=True)
class NewWebhook:
    """A new webhook."""

    site: str
    url: str
    events: tuple[EventName, ...]
    description: str | None = None
    active: bool = True


def create(deps: Deps, actor: Actor, new: NewWebhook, *, source_ip: str) -> Webhook:
    """Create a webhook. Raises Forbidden, SiteNotFound, ClosedForGood, Invalid, RealtimeOff,
    TooManyWebhooks."""
    access.require_runs(actor, new.site)
    site = deps.catalogue.site(new.site)
    if site.closed_at is not None:
        raise errors.ClosedForGood()
    if not site.realtime:
        raise errors.RealtimeOff(say("switch_realtime_on"))
    webhook = Webhook(
        webhook_id=_new_id(deps, new.site),
        site=new.site,
        url=_require_target(deps, new.url),
        events=_unique(new.events),
        secret=_secret(deps.random_bits(SECRET_BITS)),
        created_at=deps.now(),
        description=new.description,
        active=new.active,
    )
    audit = _audit_event(deps, actor, "create_webhook", webhook, source_ip)
    try:
        deps.commit(saving(webhook).counting(_count(webhook, 1)).auditing(audit))
    except errors.AlreadyExists:
        found = deps.webhooks.get(webhook.webhook_id)
        if found.url != webhook.url or not deps.is_replay_of(found.created_at):
            raise
        return found
    return webhook


def get(deps: Deps, actor: Actor, webhook_id: str) -> Webhook:
    """A webhook, for owners of its site. Raises WebhookNotFound, Forbidden."""
    webhook = deps.webhooks.get(webhook_id)
    access.require_runs(actor, webhook.site)
    return webhook


def list_of(
    deps: Deps, actor: Actor, site: str, *, limit: int, after: str | None
) -> Listing[Webhook]:
    """The webhooks of a site, by id: one query. Raises Forbidden, SiteNotFound."""
    access.require_runs(actor, site)
    found = deps.webhooks.of_site(deps.catalogue.site(site).slug)
    return listing.page(found, lambda hook: hook.webhook_id, limit=limit, after=after)


def edit(
    deps: Deps, actor: Actor, webhook_id: str, changes: Mapping[str, Any], *, source_ip: str
) -> Webhook:
    """Change some fields of a webhook. Enabling it resets its failures. Raises WebhookNotFound,
    Forbidden, Invalid."""
    if "url" in changes:
        _require_target(deps, changes["url"])
    if "events" in changes:
        changes = {**changes, "events": _unique(changes["events"])}

    def once() -> Webhook:
        edited = deps.as_expected(get(deps, actor, webhook_id)).edited(changes)
        audit = _audit_event(
            deps, actor, "edit_webhook", edited, source_ip, catalogue.changed_fields(changes)
        )
        deps.commit(saving(edited).auditing(audit))
        return edited

    return deps.retry_on_conflict(once)


def rotate(deps: Deps, actor: Actor, webhook_id: str, *, source_ip: str) -> Webhook:
    """Give a webhook a new secret. The old one signs too for a day. A replayed request, whose first
    answer was lost, gets the secret of the first run. Raises WebhookNotFound, Forbidden."""
    secret = _secret(deps.lasting_bits(SECRET_BITS, f"secret of {webhook_id}"))

    def once() -> Webhook:
        webhook = get(deps, actor, webhook_id)
        if secret in webhook.signs_with(deps.now()):
            return webhook
        rotated = deps.as_expected(webhook).rotated(secret, deps.now())
        audit = _audit_event(deps, actor, "rotate_webhook", rotated, source_ip)
        deps.commit(saving(rotated).auditing(audit))
        return rotated

    return deps.retry_on_conflict(once)


def delete(deps: Deps, actor: Actor, webhook_id: str, *, source_ip: str) -> None:
    """Delete a webhook. Pending calls are dropped. Raises WebhookNotFound, Forbidden."""

    def once() -> None:
        webhook = deps.as_expected(get(deps, actor, webhook_id))
        audit = _audit_event(deps, actor, "delete_webhook", webhook, source_ip)
        deps.commit(Change().deleting(webhook).counting(_count(webhook, -1)).auditing(audit))

    deps.retry_on_conflict(once)


def send_test(
    deps: Deps, actor: Actor, webhook_id: str, *, source_ip: str
) -> tuple[WebhookCall, CallResult]:
    """Call a webhook with the event `ping`, active or not, and return the result. A failure is not
    counted. Raises WebhookNotFound, Forbidden."""
    webhook = get(deps, actor, webhook_id)
    deps.audit.append(_audit_event(deps, actor, "test_webhook", webhook, source_ip))
    return webhook_delivery.ping(deps, webhook)


def list_deliveries(
    deps: Deps, actor: Actor, webhook_id: str, *, limit: int, after: str | None
) -> Listing[WebhookCall]:
    """The log of the calls of a webhook, newest first. Raises WebhookNotFound, Forbidden."""
    webhook = get(deps, actor, webhook_id)
    return deps.webhooks.deliveries(webhook.webhook_id, limit=limit, after=after)


def _count(webhook: Webhook, by: int) -> Tally:
    """A step of the counter of the webhooks of a site. An increment above `MOST` is refused."""
    return Tally(f"site#{webhook.site}", WEBHOOKS, by, MOST if by > 0 else None)


def _require_target(deps: Deps, url: str) -> str:
    target(url, loopback=deps.settings.webhooks_to_loopback)
    return url


def _new_id(deps: Deps, site: str) -> str:
    """A new id, which contains the site; a replayed request gets the same one."""
    return f"{site}.{deps.new_booking_id(deps.new_locator()).replace('BK', 'WH', 1)}"


def _secret(bits: int) -> str:
    return PREFIX + ids.encode(bits, SECRET_LENGTH)


def _unique(events: tuple[EventName, ...]) -> tuple[EventName, ...]:
    return tuple(sorted(set(events)))


def _audit_event(
    deps: Deps, actor: Actor, action: str, webhook: Webhook, source_ip: str, detail: str = ""
) -> AuditEvent:
    return catalogue.audit_event(
        deps, actor, action, webhook.webhook_id, webhook.site, source_ip, detail=detail
    )
