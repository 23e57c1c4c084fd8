"""Calling webhooks: each event to each webhook that wants it, by an effect of its own.

A call that is not taken is made again, later each time, like every effect; after the last try it is
given up, because the log of events has it for whoever reads on. What became of each is written
down. A webhook that goes on failing is left alone for a minute after each call; one that fails for
days is switched off, in one step with the mail that says so.
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
"""Owners of any site who are looked at to find those of one."""


def deliver(deps: Deps, leaving: Delivery) -> bool:
    """Call a webhook with an event. False where there is nobody to call any more, or it is given
    up. Raises Unavailable where it was not taken and will be tried again."""
    webhook_id, _, event_id = leaving.effect.subject_id.partition("/")
    try:
        webhook = deps.webhooks.get(webhook_id)
    except errors.WebhookNotFound:
        return False
    event = deps.events.get(site_of(webhook_id), event_id)
    if event is None or not webhook.wants(event.name):
        return False
    if webhook.rests(deps.now()):
        return _not_taken(leaving, "its last calls have failed")
    delivery, outcome = _call(deps, webhook, event.as_json(), attempt=leaving.attempt)
    _remember(deps, webhook_id, taken=delivery.delivered)
    if delivery.delivered:
        return True
    return _not_taken(leaving, outcome.error or f"answered {outcome.status}")


def _not_taken(leaving: Delivery, why: str) -> bool:
    if not leaving.is_last:
        raise errors.Unavailable(why)
    return False


def ping(deps: Deps, webhook: Webhook) -> tuple[WebhookCall, CallResult]:
    """Call a webhook with an event that says nothing."""
    told = {
        "id": deps.new_id("PG"),
        "event": PING,
        "site": webhook.site,
        "at": localtime.iso(deps.now()),
        "data": {},
    }
    return _call(deps, webhook, told, attempt=1)


def _call(
    deps: Deps, webhook: Webhook, told: dict[str, Any], *, attempt: int
) -> tuple[WebhookCall, CallResult]:
    body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
    call_id, now = f"{webhook.site}.{told['id']}", deps.now()
    signed = headers(webhook.signs_with(now), call_id, body, now)
    outcome = deps.webhook_client.post(webhook.url, body, signed)
    delivery = WebhookCall(
        delivery_id=deps.new_id("DL"),
        webhook_id=webhook.webhook_id,
        at=now,
        event_id=told["id"],
        event=told["event"],
        attempt=attempt,
        status=outcome.status,
        error=outcome.error,
        duration_ms=outcome.duration_ms,
    )
    deps.webhooks.log(delivery)
    return delivery, outcome


def _remember(deps: Deps, webhook_id: str, *, taken: bool) -> None:
    """Count a failure, or forget those before; nothing where all is well and was."""

    def once() -> None:
        before = deps.webhooks.get(webhook_id)
        if taken and not before.failures:
            return
        after = before.answered() if taken else before.failed(deps.now())
        change = saving(after)
        if before.active and not after.active:
            change = change.sending(*_told_of(deps, after))
        deps.commit(change)

    try:
        deps.retry_on_conflict(once)
    except errors.WebhookNotFound:
        return


def _told_of(deps: Deps, webhook: Webhook) -> Iterator[effect.Effect]:
    for owner in _owners(deps, webhook.site):
        yield effect.mail("webhook_disabled", f"{webhook.webhook_id}/{owner.account_id}")


def _owners(deps: Deps, site: str) -> Iterator[Account]:
    looked_at, behind = 0, None
    while looked_at < MOST_OWNERS:
        page = deps.accounts.directory(Role.OWNER, limit=100, after=behind)
        yield from (owner for owner in page.accounts if owner.active and site in owner.sites)
        if page.next is None:
            return
        looked_at += len(page.accounts)
        behind = (page.next.email, page.next.account_id)
