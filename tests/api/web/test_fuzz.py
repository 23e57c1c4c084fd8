"""Any input to any route: no 5xx, one shape of refusal, and every answer as published
(docs/quality.md, Faults)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import routes
from chalicelib.api.web import named_schemas
from chalicelib.api.web.incoming import FORM
from chalicelib.api.web.route import Route
from chalicelib.domain.core.access import Actor, Role
from tests import odd_requests
from tests.client import Client, Reply
from tests.world import World

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "8"))
"""Requests a route. A long run: FUZZ_EXAMPLES=2000."""

LEGACY = {"success", "message"}
PUBLISHED = set(named_schemas.DETAIL["properties"])
"""The fields that a refusal may have."""


@pytest.mark.parametrize(
    "route", routes.declared(), ids=lambda route: f"{route.method} {route.path}"
)
def test_no_request_breaks_a_route(
    route: Route,
    client: Client,
    world: World,
    known: dict[str, list[Any]],
    keep_people: Callable[[Route], None],
) -> None:
    crowd = (None, world.user, world.staff, world.owner, world.admin, world.admin, world.admin)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        path=odd_requests.paths(route, known),
        body=odd_requests.bodies(route.takes, known)
        if route.takes
        else st.sampled_from((b"", b"{}", b"[" * 10_000)),
        who=st.sampled_from([each for each in crowd if _may(route, each)]),
        form=st.booleans(),
        key=st.sampled_from((None,) * 6 + ("key-1", "schlüssel")),
    )
    def anything(path: str, body: bytes, who: Actor | None, form: bool, key: str | None) -> None:
        caller = client if who is None else client.by(who)
        if form and route.forms:
            caller, body = caller.sending(Content_Type=FORM), odd_requests.as_form(body)
        if key is not None:
            caller = caller.sending(Idempotency_Key=key)
        _assert_an_answer(caller.call(route.method, path, body))
        keep_people(route)

    anything()


def _may(route: Route, who: Actor | None) -> bool:
    """Whether `who` gets past the door of a route; what happens to others has its own table."""
    return not route.who or (who is not None and who.role in route.who)


def _assert_an_answer(answer: Reply) -> None:
    assert answer.status < 500, answer.body
    assert answer.headers["X-Request-Id"]
    if answer.status >= 400 and isinstance(answer.body, dict):
        if "error" in answer.body:
            assert set(answer.body) == {"error", "request_id"}
            assert {"code", "message"} <= set(answer.body["error"]) <= PUBLISHED
        else:
            assert set(answer.body) == LEGACY
            assert answer.body["success"] is False
    assert "Traceback" not in str(answer.body)


def test_the_crowd_covers_every_role() -> None:
    assert {role for route in routes.declared() for role in route.who} == set(Role)
