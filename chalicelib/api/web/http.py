"""Routes, and the stages of a request: what a module of routes imports.

Stages of a request: limits by source IP, authentication, body and query, the view, the answer.
Refusals are caught here and not in a middleware, which never sees them.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.api.web import callers, csv_lists, if_match, incoming, parse, replays, spoken
from chalicelib.api.web.answers import (
    Answer,
    Plain,
    created,
    internal_error,
    located,
    no_content,
    ok,
    plain,
    refusal_answer,
    response,
    status_of,
    with_refusal_headers,
    word,
)
from chalicelib.api.web.caching import tagged
from chalicelib.api.web.route import (
    ADMIN,
    CUSTOMER,
    OWNER,
    PUBLIC,
    STAFF,
    USER,
    Call,
    NoQuery,
    Proof,
    Route,
    SignedBody,
    View,
)
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import ANONYMOUS, Actor, KeyScope, Role
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.services.core import audit_events, idempotency, rate_limits
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.rate_limits import Limit

__all__ = [
    "ADMIN", "CUSTOMER", "OWNER", "PUBLIC", "STAFF", "USER", "Answer", "Call", "Routes", "created",
    "no_content", "ok", "status_of",
]  # fmt: skip

log = logging.getLogger("berth")


class Routes(Blueprint):
    """A Blueprint whose routes are declared with roles, bodies and answers. The module `home` holds
    it as `routes`."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self.home = import_name
        self.declared: list[Route] = []

    def get(self, path: str, **declaration: Any) -> Callable[[View], View]:
        return self._declare("GET", path, **declaration)

    def post(self, path: str, **declaration: Any) -> Callable[[View], View]:
        return self._declare("POST", path, **declaration)

    def patch(self, path: str, **declaration: Any) -> Callable[[View], View]:
        return self._declare("PATCH", path, **declaration)

    def delete(self, path: str, **declaration: Any) -> Callable[[View], View]:
        return self._declare("DELETE", path, **declaration)

    def _declare(
        self,
        method: str,
        path: str,
        *,
        who: frozenset[Role],
        gives: Any = None,
        takes: type | None = None,
        query: type | None = None,
        status: int = 200,
        once: bool = False,
        secret_once: tuple[str, ...] = (),
        versioned: bool = False,
        sensitive: bool = False,
        limit: Limit | None = None,
        forms: bool = False,
        multipart: bool = False,
        proof: Proof = lambda *_, **__: None,
        refusal: Callable[[errors.Refusal, str], Answer] = refusal_answer,
        plain: Plain = plain,
        keys: KeyScope | None = None,
        located: tuple[str, ...] = (),
        signed: SignedBody | None = None,
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            route = Route(
                view.__name__, method, path, who, view, takes, query, gives, status, once,
                secret_once, versioned, sensitive, limit, forms, multipart, proof, refusal, plain,
                keys, located, signed,
            )  # fmt: skip
            self.declared.append(route)
            endpoint = self.route(
                path, methods=[method], name=route.name, content_types=route.media
            )
            endpoint(lambda **params: handle(route, self.current_request, params))
            return view

        return register


def handle(route: Route, request: Request, params: Mapping[str, str]) -> Response:
    """Answer one request for `route`, errors included, in our own format."""
    started = time.perf_counter()
    its_id = request_id(request)
    actor: Actor | None = None
    try:
        deps = wiring.deps()
        source_ip = callers.source_ip(request)
        rate_limits.check_source_ip(deps, route.limit, source_ip)
        actor = _actor(deps, route, request)
        try:
            answer = _answer(deps, route, request, actor, source_ip, params)
            answer = located(answer, route.located)
        except errors.Refusal as refusal:
            _audit_refusal(deps, route, actor, refusal, source_ip, params)
            raise
    except errors.Refusal as refusal:
        word(refusal, reading(route, request, actor))
        answer = route.refusal(refusal, its_id)
        answer = with_refusal_headers(answer, refusal, varies=route.translated)
    except Exception:
        log.exception("bug", extra={"request_id": its_id, "route": route.path})
        answer = internal_error(its_id, route.plain, callers.accepted(request))
    _log(route, answer, actor, its_id, time.perf_counter() - started)
    return response(answer, its_id, origin(request))


def reading(route: Route, request: Request, actor: Actor | None) -> Language:
    """The language of the reader of an answer."""
    return callers.language(request, actor) if route.translated else LANGUAGES[0]


def _answer(
    deps: Deps,
    route: Route,
    request: Request,
    actor: Actor,
    source_ip: str,
    params: Mapping[str, str],
) -> Answer:
    rate_limits.check_account(deps, route.limit, actor)
    route.proof(deps, **params)
    incoming.body(request)
    fields = incoming.content(request) if route.takes else {}
    body = _body(route, request, fields)
    asked = incoming.query(request)
    query: Any = parse.read(_query_of(route, asked), asked, texts=True)
    language = reading(route, request, actor)
    if language != LANGUAGES[0]:
        deps = replace(deps, language=language)
    if route.versioned:
        deps = replace(deps, expected=if_match.expected(request.headers.get("if-match")))
    accepted = callers.accepted(request)
    call = Call(deps, actor, body, query, source_ip, deps.now(), accepted)
    key = request.headers.get("idempotency-key")
    if not route.once or key is None:
        answer = _with_language(route, route.view(call, **params), language)
        if csv_lists.is_asked(query):
            return csv_lists.page(route.gives, route.path, asked, answer)
        if_none_match = request.headers.get("if-none-match")
        return tagged(answer, if_none_match) if route.method == "GET" else answer
    fingerprint = incoming.fingerprint(route.method, route.path.format(**params), fields)
    return idempotency.once(
        deps,
        actor,
        key,
        fingerprint,
        act=lambda fixed: _with_language(
            route, route.view(replace(call, deps=fixed), **params), language
        ),
        pack=lambda answer: replays.packed(answer, without=route.secret_once),
        unpack=replays.unpacked,
    )


def _with_language(route: Route, answer: Answer, language: Language) -> Answer:
    return spoken.in_language(answer, language) if route.speaks else answer


def _query_of(route: Route, asked: Mapping[str, str]) -> type:
    """What the route reads from a query."""
    query = route.query or NoQuery
    return csv_lists.with_format(query) if "format" in asked and route.is_list else query


def _actor(deps: Deps, route: Route, request: Request) -> Actor:
    if not route.who:
        return ANONYMOUS
    actor = callers.authenticated(deps, request)
    if not route.admits(actor):
        refusal = access.refused(actor)
        _audit_refusal(
            deps, replace(route, sensitive=True), actor, refusal, callers.source_ip(request), {}
        )
        raise refusal
    return replace(actor, source_ip=callers.source_ip(request))


def _body(route: Route, request: Request, fields: Mapping[str, Any]) -> Any:
    if route.signed is not None:
        return incoming.raw(request)
    if route.takes is None:
        return None
    if incoming.is_form(request):
        return parse.read(route.takes, incoming.known(fields, route.takes), texts=True)
    return parse.read(route.takes, fields)


def _audit_refusal(
    deps: Deps,
    route: Route,
    actor: Actor,
    refusal: errors.Refusal,
    source_ip: str,
    params: Mapping[str, str],
) -> None:
    if route.sensitive or isinstance(refusal, (errors.Forbidden, errors.NotYours)):
        subject = params[route.subject] if params else refusal.subject or "-"
        audit_events.refused(
            deps,
            actor=actor,
            action=route.name,
            subject=subject,
            refusal=refusal,
            source_ip=source_ip,
        )


def origin(request: Request) -> str | None:
    """The Origin header of a browser."""
    named = request.headers.get("origin")
    return str(named) if named else None


def request_id(request: Request) -> str:
    """The id of the request from the gateway, or a new one."""
    return str(request.context.get("requestId") or secrets.token_hex(16))


def _log(
    route: Route, answer: Answer, actor: Actor | None, request_id: str, seconds: float
) -> None:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    log.info(
        "request",
        extra={
            "method": route.method,
            "route": route.path,
            "status": answer.status,
            "code": error.get("code") if isinstance(error, dict) else None,
            "account": actor.account_id if actor else None,
            "ms": round(seconds * 1000, 1),
            "request_id": request_id,
        },
    )
