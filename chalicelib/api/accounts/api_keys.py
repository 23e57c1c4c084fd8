"""Routes of API keys, for owners of their site."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Self

from chalicelib.api.web import lists
from chalicelib.api.web.http import OWNER, Answer, Call, Routes, created, no_content, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.api.web.values import Instant, maybe
from chalicelib.domain.accounts.api_key import ApiKey
from chalicelib.domain.core import localtime
from chalicelib.domain.core.access import KeyScope
from chalicelib.domain.core.constraints import Doc, Slug, Text
from chalicelib.services.accounts import api_keys

routes = Routes(__name__)

OfSite = Annotated[Slug, Doc("The site where the device stands.", "central")]
KeyName = Annotated[str, Text(max=80), Doc("The device.", "North gate")]
Scope = Annotated[
    KeyScope,
    Doc("`scans`: entry and exit scans. `reads`: who is there and who is expected."),
]


@dataclass(frozen=True)
class NewApiKey:
    """A new API key."""

    site: OfSite
    name: KeyName
    scope: Scope


@dataclass(frozen=True, kw_only=True)
class ApiKeysQuery:
    """Whose API keys."""

    site: OfSite
    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ApiKeyView:
    """An API key, without its secret."""

    key_id: Annotated[str, Doc("The id of the key.", "central.AK1NG2EK8000000007")]
    site: str
    name: str
    scope: KeyScope
    created_by: Annotated[str, Doc("The account that created it.", "US7Q2M9X4T")]
    created_at: Instant
    revoked_at: Annotated[Instant | None, Doc("When it was revoked.")]
    version: int

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        return cls(
            key_id=key.key_id,
            site=key.site,
            name=key.name,
            scope=key.scope,
            created_by=key.created_by,
            created_at=localtime.iso(key.created_at),
            revoked_at=maybe(key.revoked_at),
            version=key.version,
        )


@dataclass(frozen=True)
class NewApiKeyView(ApiKeyView):
    """A new API key with the text that the device sends. It is shown once."""

    api_key: Annotated[
        str | None,
        Doc("The header `X-API-Key`; null in a repeated answer, and for a revoked key."),
    ]


@routes.get("/api/admin/api-keys", who=OWNER, query=ApiKeysQuery, gives=[ApiKeyView])
def list_api_keys(call: Call) -> Answer:
    """The API keys of a site, also the revoked ones, newest first."""
    query, what = call.query, f"api-keys/{call.query.site}"
    after = lists.after(call, what)
    found = api_keys.list_of(call.deps, call.actor, query.site, limit=query.limit, after=after)
    return lists.page(call, what, found, ApiKeyView.of)


@routes.post(
    "/api/admin/api-keys",
    who=OWNER, takes=NewApiKey, gives=NewApiKeyView, status=201, once=True,
    secret_once=("api_key",), sensitive=True,
    located=("/api/admin/api-keys/{key_id}",),
)  # fmt: skip
def create_api_key(call: Call) -> Answer:
    """Create an API key for a device at a site. The answer shows its text, once."""
    key, text = api_keys.create(call.deps, call.actor, **vars(call.body), source_ip=call.source_ip)
    return created(asdict(NewApiKeyView(**vars(ApiKeyView.of(key)), api_key=text)))


@routes.get("/api/admin/api-keys/{key_id}", who=OWNER, gives=ApiKeyView)
def get_api_key(call: Call, key_id: str) -> Answer:
    """One API key."""
    return ok(asdict(ApiKeyView.of(api_keys.get(call.deps, call.actor, key_id))))


@routes.delete("/api/admin/api-keys/{key_id}", who=OWNER, status=204, sensitive=True)
def revoke_api_key(call: Call, key_id: str) -> Answer:
    """Revoke an API key. It stays in the list, because timelines name it."""
    api_keys.revoke(call.deps, call.actor, key_id, source_ip=call.source_ip)
    return no_content()
