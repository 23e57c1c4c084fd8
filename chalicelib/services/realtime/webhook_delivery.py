"""Delivery of events to webhooks: one effect per event and webhook.

A failed call is repeated with growing pauses, like every effect, and dropped after the last
attempt, because the receiver can read the event log. Each call is logged. A webhook that keeps
failing pauses for a minute after each call. One that fails for days is disabled, in one step with
the mail about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import effect, errors, localtime
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import Delivery
from chalicelib.domain.realtime.webhook import Webhook, WebhookCall, headers, site_of
from chalicelib.gateways.webhooks import CallResult
from chalicelib.services.core.deps import Deps

PING = "ping"

MOST_OWNERS = 500
"""Owners of all sites read at most to find those of one site."""


def deliver(deps: Deps, delivery: Delivery) -> bool:
    """Call a webhook with an event. False where the webhook or the event is gone, and after the
    last failed attempt. Raises Unavailable for a failed attempt that will be repeated."""
    webhook_id, _, event_id = delivery.effect.subject_id.partition("/")
    try:
        webhook = deps.webhooks.get(webhook_id)
    except errors.WebhookNotFound:
        return False
    event = deps.events.get(site_of(webhook_id), event_id)
    if event is None or not webhook.wants(event.name):
        return False
    if webhook.rests(deps.now()):
        return _failed(delivery, "its last calls have failed")
    call, result = _call(deps, webhook, event.as_json(), attempt=delivery.attempt)
    _record_result(deps, webhook_id, delivered=call.delivered)
    if call.delivered:
        return True
    return _failed(delivery, result.error or f"answered {result.status}")


def _failed(delivery: Delivery, reason: str) -> bool:
    if not delivery.is_last:
        raise errors.Unavailable(reason)
    return False


def ping(deps: Deps, webhook: Webhook) -> tuple[WebhookCall, CallResult]:
    """Call a webhook with an event without data."""
    payload = {
        "id": deps.new_id("PG"),
        "event": PING,
        "site": webhook.site,
        "at": localtime.iso(deps.now()),
        "data": {},
    }
    return _call(deps, webhook, payload, attempt=1)


def _call(
    deps: Deps, webhook: Webhook, payload: dict[str, Any], *, attempt: int
) -> tuple[WebhookCall, CallResult]:
    body = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()
    call_id, now = f"{webhook.site}.{payload['id']}", deps.now()
    signed = headers(webhook.signs_with(now), call_id, body, now)
    result = deps.webhook_client.post(webhook.url, body, signed)
    call = WebhookCall(
        delivery_id=deps.new_id("DL"),
        webhook_id=webhook.webhook_id,
        at=now,
        event_id=payload["id"],
        event=payload["event"],
        attempt=attempt,
        status=result.status,
        error=result.error,
        duration_ms=result.duration_ms,
    )
    deps.webhooks.log(call)
    return call, result


def _record_result(deps: Deps, webhook_id: str, *, delivered: bool) -> None:
    """Count a failure, or reset the count after a success; no write after repeated success."""

    def once() -> None:
        before = deps.webhooks.get(webhook_id)
        if delivered and not before.failures:
            return
        after = before.answered() if delivered else before.failed(deps.now())
        change = saving(after)
        if before.active and not after.active:
            change = change.sending(*_disabled_mails(deps, after))
        deps.commit(change)

    try:
        deps.retry_on_conflict(once)
    except errors.WebhookNotFound:
        return


def _disabled_mails(deps: Deps, webhook: Webhook) -> Iterator[effect.Effect]:
    for owner in _owners(deps, webhook.site):
        yield effect.mail("webhook_disabled", f"{webhook.webhook_id}/{owner.account_id}")


def _owners(deps: Deps, site: str) -> Iterator[Account]:
    read, after = 0, None
    while read < MOST_OWNERS:
        page = deps.accounts.directory(Role.OWNER, limit=100, after=after)
        yield from (owner for owner in page.accounts if owner.active and site in owner.sites)
        if page.next is None:
            return
        read += len(page.accounts)
        after = (page.next.email, page.next.account_id)
