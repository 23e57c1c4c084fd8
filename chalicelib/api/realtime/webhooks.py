"""Routes of webhooks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Self, get_args

from chalicelib.api.web import lists
from chalicelib.api.web.http import OWNER, Answer, Call, Routes, created, no_content, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.api.web.values import Instant, WebUrl, maybe
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import UNSET, Doc, Format, Items, Slug, Text, given
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.realtime.webhook import Webhook, WebhookCall
from chalicelib.domain.realtime.webhook_target import LONGEST_URL
from chalicelib.services.realtime import webhooks

routes = Routes(__name__)

LONGEST_ANSWER = 1000
"""The characters of an answer that a test call shows."""

OfSite = Annotated[Slug, Doc("The site of the events.", "hall")]
Url = Annotated[
    str,
    Text(max=LONGEST_URL, code=True),
    Format("uri"),
    Doc("The URL to call: https at port 443.", "https://hooks.example.com/berth"),
]
EventNames = Annotated[
    tuple[EventName, ...], Items(len(get_args(EventName)), min=1), Doc("The names of the events.")
]
WebhookDescription = Annotated[str, Text(max=200), Doc("What it is for.", "Door displays")]
Active = Annotated[bool, Doc("Whether it is enabled.")]


@dataclass(frozen=True)
class NewWebhook:
    """A new webhook."""

    site: OfSite
    url: Url
    events: EventNames
    description: WebhookDescription | None = None
    active: Active = True


@dataclass(frozen=True)
class WebhookEdit:
    """What to change about a webhook."""

    url: Url = UNSET
    events: EventNames = UNSET
    description: WebhookDescription | None = UNSET
    active: Active = UNSET


@dataclass(frozen=True, kw_only=True)
class WebhooksQuery:
    """Whose webhooks."""

    site: OfSite
    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class DeliveriesQuery:
    """Which page of the calls."""

    limit: PageSize = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class WebhookView:
    """A webhook, without its secret."""

    webhook_id: Annotated[str, Doc("The id of the webhook.", "hall.WH7Q2M9X4T1NG1QR00005")]
    site: str
    url: WebUrl
    events: tuple[EventName, ...]
    description: str | None
    active: bool
    failures: Annotated[int, Doc("Calls that failed in a row.", 0)]
    failing_since: Instant | None
    disabled_at: Annotated[Instant | None, Doc("When it was disabled because its calls failed.")]
    created_at: Instant
    version: int

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        return cls(
            webhook_id=webhook.webhook_id,
            site=webhook.site,
            url=webhook.url,
            events=webhook.events,
            description=webhook.description,
            active=webhook.active,
            failures=webhook.failures,
            failing_since=maybe(webhook.failing_since),
            disabled_at=maybe(webhook.disabled_at),
            created_at=localtime.iso(webhook.created_at),
            version=webhook.version,
        )


@dataclass(frozen=True)
class NewSecretView(WebhookView):
    """A webhook with its new secret, which is shown once."""

    secret: Annotated[
        str | None,
        Doc(
            "Signs what is sent. Keep it: where a request is repeated this is null, and only "
            "`rotate` gives another.",
            "whsec_0123456789ABCDEF",
        ),
    ]


@dataclass(frozen=True)
class DeliveryView:
    """One call, and its result."""

    delivery_id: str
    at: Instant
    event_id: str
    event: str
    attempt: int
    delivered: bool
    status: Annotated[int | None, Doc("The status it answered, if it did.", 200)]
    error: Annotated[str | None, Doc("Why there was no answer.")]
    duration_ms: int

    @classmethod
    def of(cls, delivery: WebhookCall) -> Self:
        return cls(
            delivery_id=delivery.delivery_id,
            at=localtime.iso(delivery.at),
            event_id=delivery.event_id,
            event=delivery.event,
            attempt=delivery.attempt,
            delivered=delivery.delivered,
            status=delivery.status,
            error=delivery.error,
            duration_ms=delivery.duration_ms,
        )


@dataclass(frozen=True)
class TestView(DeliveryView):
    """A test call, and the beginning of its answer."""

    answer: str


@routes.get("/api/admin/webhooks", who=OWNER, query=WebhooksQuery, gives=[WebhookView])
def list_webhooks(call: Call) -> Answer:
    """The webhooks of a site."""
    what = f"webhooks/{call.query.site}"
    found = webhooks.list_of(
        call.deps,
        call.actor,
        call.query.site,
        limit=call.query.limit,
        after=lists.after(call, what),
    )
    return lists.page(call, what, found, WebhookView.of)


@routes.post(
    "/api/admin/webhooks",
    who=OWNER, takes=NewWebhook, gives=NewSecretView, status=201, once=True,
    secret_once=("secret",), sensitive=True,
    located=("/api/admin/webhooks/{webhook_id}",),
)  # fmt: skip
def create_webhook(call: Call) -> Answer:
    """Create a webhook. The answer shows the secret that signs its calls, once."""
    new = webhooks.NewWebhook(**vars(call.body))
    return created(
        _with_secret(webhooks.create(call.deps, call.actor, new, source_ip=call.source_ip))
    )


@routes.get("/api/admin/webhooks/{webhook_id}", who=OWNER, gives=WebhookView)
def get_webhook(call: Call, webhook_id: str) -> Answer:
    """One webhook, and whether its calls fail."""
    return ok(asdict(WebhookView.of(webhooks.get(call.deps, call.actor, webhook_id))))


@routes.patch(
    "/api/admin/webhooks/{webhook_id}",
    who=OWNER, takes=WebhookEdit, gives=WebhookView, sensitive=True, versioned=True,
)  # fmt: skip
def edit_webhook(call: Call, webhook_id: str) -> Answer:
    """Change some fields of a webhook. Enabling it resets its failures."""
    edited = webhooks.edit(
        call.deps, call.actor, webhook_id, given(call.body), source_ip=call.source_ip
    )
    return ok(asdict(WebhookView.of(edited)))


@routes.delete(
    "/api/admin/webhooks/{webhook_id}", who=OWNER, status=204, sensitive=True, versioned=True
)
def delete_webhook(call: Call, webhook_id: str) -> Answer:
    """Delete a webhook."""
    webhooks.delete(call.deps, call.actor, webhook_id, source_ip=call.source_ip)
    return no_content()


@routes.post(
    "/api/admin/webhooks/{webhook_id}/rotate",
    who=OWNER, gives=NewSecretView, once=True, secret_once=("secret",), sensitive=True,
    versioned=True,
)  # fmt: skip
def rotate_webhook(call: Call, webhook_id: str) -> Answer:
    """Rotate the secret, shown once; for 24 hours the old one signs too."""
    return ok(
        _with_secret(webhooks.rotate(call.deps, call.actor, webhook_id, source_ip=call.source_ip))
    )


@routes.post(
    "/api/admin/webhooks/{webhook_id}/test",
    who=OWNER, gives=TestView, limit=webhooks.TEST_LIMIT, sensitive=True,
)  # fmt: skip
def test_webhook(call: Call, webhook_id: str) -> Answer:
    """Call a webhook with the event `ping`, and show the answer."""
    tried, outcome = webhooks.send_test(call.deps, call.actor, webhook_id, source_ip=call.source_ip)
    shown = DeliveryView.of(tried)
    return ok(asdict(TestView(**vars(shown), answer=outcome.text[:LONGEST_ANSWER])))


@routes.get(
    "/api/admin/webhooks/{webhook_id}/deliveries",
    who=OWNER, query=DeliveriesQuery, gives=[DeliveryView],
)  # fmt: skip
def list_deliveries(call: Call, webhook_id: str) -> Answer:
    """The calls of the last thirty days, newest first."""
    what = f"deliveries/{webhook_id}"
    found = webhooks.list_deliveries(
        call.deps,
        call.actor,
        webhook_id,
        limit=call.query.limit,
        after=lists.after(call, what),
    )
    return lists.page(call, what, found, DeliveryView.of)


def _with_secret(webhook: Webhook) -> dict[str, object]:
    return asdict(NewSecretView(**vars(WebhookView.of(webhook)), secret=webhook.secret))
