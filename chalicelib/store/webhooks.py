"""Webhooks of sites, and what became of their calls."""

from __future__ import annotations

from typing import cast

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
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import DeliveryItem, WebhookItem

LONGEST_ID = 100


class Webhooks:
    """The webhooks of all sites. They are written by `commit`, the log of their calls here."""

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

    def log(self, delivery: WebhookCall) -> None:
        """Write down what became of a call."""
        with translated():
            _delivery_item(delivery).save()

    def deliveries(
        self, webhook_id: str, *, limit: int, after: str | None = None
    ) -> Listing[WebhookCall]:
        """What became of the calls of a webhook, newest first: one query."""
        with translated():
            found = DeliveryItem.query(
                f"deliveries#{webhook_id}",
                None if after is None else DeliveryItem.sk < after,
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
            )
            records = tuple(_delivery_from(item) for item in found)
        goes_on = found.last_evaluated_key is not None and bool(records)
        return Listing(records, records[-1].delivery_id if goes_on else None)


def item(webhook: Webhook) -> WebhookItem:
    """The item to store for a webhook."""
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


def from_item(stored: WebhookItem) -> Webhook:
    """The webhook in an item."""
    site = stored.pk.removeprefix("webhooks#")
    return Webhook(
        webhook_id=f"{site}.{stored.sk}",
        site=site,
        url=stored.url,
        events=tuple(cast(EventName, name) for name in stored.events.split(",")),
        secret=stored.secret,
        former=tuple(
            FormerSecret(each, unixtime.instant(until)) for each, until in stored.former or ()
        ),
        description=stored.description,
        active=stored.active,
        created_at=unixtime.instant(stored.created),
        failures=int(stored.failures),
        failing_since=unixtime.instant(stored.failing_since),
        failed_at=unixtime.instant(stored.failed),
        disabled_at=unixtime.instant(stored.disabled),
        version=int(stored.version),
    )


def _delivery_item(delivery: WebhookCall) -> DeliveryItem:
    return DeliveryItem(
        f"deliveries#{delivery.webhook_id}",
        delivery.delivery_id,
        at=unixtime.of(delivery.at),
        event_id=delivery.event_id,
        event=delivery.event,
        attempt=delivery.attempt,
        status=delivery.status,
        error=delivery.error,
        duration_ms=delivery.duration_ms,
        ttl=unixtime.of(delivery.at + LOG_KEPT),
    )


def _delivery_from(stored: DeliveryItem) -> WebhookCall:
    return WebhookCall(
        delivery_id=stored.sk,
        webhook_id=stored.pk.removeprefix("deliveries#"),
        at=unixtime.instant(stored.at),
        event_id=stored.event_id,
        event=stored.event,
        attempt=int(stored.attempt),
        status=None if stored.status is None else int(stored.status),
        error=stored.error,
        duration_ms=int(stored.duration_ms),
    )


def _key(webhook_id: str) -> tuple[str, str]:
    site = site_of(webhook_id)
    return f"webhooks#{site}", webhook_id[len(site) + 1 :] or "-"
