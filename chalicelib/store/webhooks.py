"""Webhooks of sites, and the results of their calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.realtime.webhook import (
    LOG_KEPT,
    MOST,
    FormerSecret,
    Webhook,
    WebhookCall,
    site_of,
)
from chalicelib.store.dynamodb import lists, transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import InventoryTable, OutboxTable
from chalicelib.store.dynamodb.transaction import Write

LONGEST_ID: Final = 100
"""Characters. No id of a webhook is as long."""


class WebhookItem(InventoryTable):
    """A webhook of a site (`webhooks#<site>`, rest of its id)."""

    version = IntegerAttribute(attr_name="v")
    url = UnicodeAttribute()
    events = UnicodeAttribute()
    secret = UnicodeAttribute()
    former: JSONAttribute = JSONAttribute(null=True)
    description = UnicodeAttribute(null=True)
    active = BooleanAttribute()
    created = IntegerAttribute()
    failures = IntegerAttribute()
    failing_since = IntegerAttribute(null=True)
    failed = IntegerAttribute(null=True)
    disabled = IntegerAttribute(null=True)


class DeliveryItem(OutboxTable):
    """The result of a call (`deliveries#<webhook>`, delivery id)."""

    at = IntegerAttribute()
    event_id = UnicodeAttribute()
    event = UnicodeAttribute()
    attempt = IntegerAttribute()
    status = IntegerAttribute(null=True)
    error = UnicodeAttribute(null=True)
    duration_ms = IntegerAttribute()
    ttl = IntegerAttribute()


class Webhooks:
    """The webhooks of all sites; the log of their calls is written here."""

    def get(self, webhook_id: str) -> Webhook:
        """A webhook as it is now: one read. Raises WebhookNotFound."""
        if not 0 < len(webhook_id) <= LONGEST_ID or not webhook_id.isascii():
            raise errors.WebhookNotFound()
        try:
            with translated():
                return from_item(WebhookItem.get(*_key(webhook_id), consistent_read=True))
        except WebhookItem.DoesNotExist:
            raise errors.WebhookNotFound() from None

    def of_site(self, site: str) -> tuple[Webhook, ...]:
        """The webhooks of a site, the first `MOST` by id: one query."""
        with translated():
            found = WebhookItem.query(f"webhooks#{site}", limit=MOST, consistent_read=True)
            return tuple(from_item(item) for item in found)

    def log(self, call: WebhookCall) -> None:
        """Write the result of a call."""
        with translated():
            call_to_item(call).save()

    def deliveries(
        self, webhook_id: str, *, limit: int, after: str | None = None
    ) -> Listing[WebhookCall]:
        """The results of a webhook's calls, newest first: one query."""
        return lists.newest_first(
            DeliveryItem,
            f"deliveries#{webhook_id}",
            call_from_item,
            place=lambda call: call.delivery_id,
            limit=limit,
            before=after,
            consistent_read=False,
        )


def writes(webhook: Webhook) -> Iterator[Write]:
    """The webhook under its version."""
    yield transaction.save(to_item(webhook), webhook.version)


def to_item(webhook: Webhook) -> WebhookItem:
    """The item of a webhook."""
    return WebhookItem(
        *_key(webhook.webhook_id),
        version=webhook.version,
        url=webhook.url,
        events=",".join(webhook.events),
        secret=webhook.secret,
        former=[[each.secret, unixtime.of(each.until)] for each in webhook.former] or None,
        description=webhook.description,
        active=webhook.active,
        created=unixtime.of(webhook.created_at),
        failures=webhook.failures,
        failing_since=unixtime.of(webhook.failing_since),
        failed=unixtime.of(webhook.failed_at),
        disabled=unixtime.of(webhook.disabled_at),
    )


def from_item(item: WebhookItem) -> Webhook:
    """The webhook in an item."""
    site = item.pk.removeprefix("webhooks#")
    return Webhook(
        webhook_id=f"{site}.{item.sk}",
        site=site,
        url=item.url,
        events=tuple(cast(EventName, name) for name in item.events.split(",")),
        secret=item.secret,
        former=tuple(
            FormerSecret(each, unixtime.instant(until)) for each, until in item.former or ()
        ),
        description=item.description,
        active=item.active,
        created_at=unixtime.instant(item.created),
        failures=item.failures,
        failing_since=unixtime.instant(item.failing_since),
        failed_at=unixtime.instant(item.failed),
        disabled_at=unixtime.instant(item.disabled),
        version=item.version,
    )


def call_to_item(call: WebhookCall) -> DeliveryItem:
    """The item of a call's result."""
    return DeliveryItem(
        f"deliveries#{call.webhook_id}",
        call.delivery_id,
        at=unixtime.of(call.at),
        event_id=call.event_id,
        event=call.event,
        attempt=call.attempt,
        status=call.status,
        error=call.error,
        duration_ms=call.duration_ms,
        ttl=unixtime.of(call.at + LOG_KEPT),
    )


def call_from_item(item: DeliveryItem) -> WebhookCall:
    """The result of a call in an item."""
    return WebhookCall(
        delivery_id=item.sk,
        webhook_id=item.pk.removeprefix("deliveries#"),
        at=unixtime.instant(item.at),
        event_id=item.event_id,
        event=item.event,
        attempt=item.attempt,
        status=item.status,
        error=item.error,
        duration_ms=item.duration_ms,
    )


def _key(webhook_id: str) -> tuple[str, str]:
    site = site_of(webhook_id)
    return f"webhooks#{site}", webhook_id[len(site) + 1 :] or "-"
