"""Schemathesis makes requests from the OpenAPI document, right and wrong ones, and looks at every
answer with all of its checks: no server error, no status, header or field that the document does
not name, no wrong request that is taken, no door that opens without the right token. Besides: no
right request is refused, unless for a rule that no schema can say.

Random fields, texts and bodies of the declarations themselves are in test_fuzz.py.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Mapping
from datetime import date
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig

from chalicelib import routes
from chalicelib.api.web import openapi_document
from chalicelib.api.web.answers import JSON
from chalicelib.api.web.route import Route
from chalicelib.domain.core import plain_text
from local.gateway import Gateway
from tests import wsgi
from tests.world import World

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "3"))
"""Right and wrong requests a route, so many of each. A long run: SCHEMA_EXAMPLES=500."""

CONFIG = {
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "3xx", 400, 401, 403, 404, 409, 410, 412, 429]
        },
        "negative_data_rejection": {"expected-statuses": ["4xx"]},
    }
}
"""Which right requests may be refused with 400 is held below, field by field."""

DATES = st.dates(date(2026, 11, 1), date(2100, 12, 30)).map(date.isoformat)
INSTANTS = st.builds("{}T{}:30Z".format, DATES, st.sampled_from(("00:00", "09:30", "23:59")))
AMOUNTS = st.sampled_from(("0", "50", "150.00", "0.5"))
TIMES = st.sampled_from(("00:00", "09:30", "23:59"))

FORMS: Mapping[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("start", "end"), DATES | INSTANTS | st.just("2026-11-24T10:00")),
    **dict.fromkeys(("occurred_at", "ended_at"), st.just("2026-11-21T06:00:00Z")),
    **dict.fromkeys(("start_time", "end_time"), TIMES),
    **dict.fromkeys(("amount_received", "cash_float", "cash_counted"), AMOUNTS),
    "phone": st.sampled_from(("+49 30 901820", "(080) 2222-1111 x7")),
    "email": st.sampled_from(("new@example.com", "asha.rao+b@mail.example.org")),
    "vehicle_number": st.sampled_from(("KA01AB1234", "wü-ab 123", "京A·12345")),
    "code": st.sampled_from(("9A-7M3R", "9a7m3r")),
    "gstin": st.sampled_from(("27AAPFU0939F1ZV", "29AAGCB7383J1Z4")),
    "currency": st.sampled_from(("INR", "EUR", "JPY")),
    "timezone": st.sampled_from(("Asia/Kolkata", "Europe/Dublin", "UTC")),
    "url": st.just("https://hooks.example.com/berth"),
    "tariff": st.sampled_from(({"rate": "50"}, {"rate": "50.00", "kind": "daily"})),
    "policy": st.sampled_from(({}, {"max_duration": 1440})),
    "opening_hours": st.sampled_from(({}, {"mon": ["06:00-22:00"]})),
    "latitude": st.sampled_from((12.97, None)),
    "longitude": st.sampled_from((77.5, None)),
}
"""Fields whose form the document describes in words: what one writes there."""

BY_FORMAT = {("start", "/api/me/passes"), ("start", "/api/staff/passes")}
"""Fields of that name whose form the document does say: here a date."""

KEYS = count()
"""Each request has an Idempotency-Key of its own: one of another request is refused with 422."""

IDS = (
    "booking_id", "qr_code", "zone_id", "space_id", "shift_id", "blackout_id", "slug", "site",
    "user_id",
)  # fmt: skip
"""Fields that name what exists."""

OLD = ("/parking/", "/entry", "/exit", "/api/parking/", "/api/payment/")
"""URLs of a replaced system refuse in its own words; tests/contract holds what they take."""

FAULT_OF_FORM = re.compile(
    r"is required$|is not a known|has characters|must (match|lie|begin|exist)"
    r"|must be (an? |\* or|text|on one line|true|one of|at (least|most) [0-9]+$|lower|two |degrees|[0-9])"
    r"|must have ([0-9]|amount|at |letters|single|a domain)"
)
"""What is wrong with a field by itself: the document has to say it before. Other refusals are for
rules, which only other fields, the caller or what is stored can decide."""

NEEDED_BY_A_RULE = {
    ("zones", "must be a zone to park in"),
    ("booking_id", "is required"),  # or the code of the pass
    ("guests", "is required"),  # or the owner's name
    ("date", "is required"),  # each of the three, where another one is given
    ("start_time", "is required"),
    ("end_time", "is required"),
    ("password", "is required with current_password"),
}


@pytest.fixture(scope="module")
def contract() -> schemathesis.BaseSchema:
    """The document, for an app in this process."""
    document = copy.deepcopy(openapi_document.document(routes.declared()))
    document["servers"] = [{"url": "/"}]
    schemathesis.openapi.format("date", DATES)
    schemathesis.openapi.format("date-time", INSTANTS)
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))
    from app import app

    schema.app = wsgi.application(Gateway(app))
    return schema


@pytest.mark.parametrize(
    "route", routes.declared(), ids=lambda route: f"{route.method} {route.path}"
)
def test_the_document_says_what_is_taken_and_answered(
    route: Route,
    contract: schemathesis.BaseSchema,
    world: World,
    known: dict[str, list[Any]],
    keep_people: Callable[[Route], None],
) -> None:
    headers = {"Accept-Encoding": "identity", **_signed_in(world, route)}
    operation = contract[route.path][route.method]

    @_few
    @given(operation.as_strategy(GenerationMode.POSITIVE), st.data())
    def right(case: Case[Any], data: st.DataObject) -> None:
        _fill(case, known, data.draw)
        answer = case.call(headers=headers)
        case.validate_response(answer, headers=headers)
        if answer.status_code == 400 and not route.path.startswith(OLD):
            _assert_a_rule(answer.json()["error"])
        keep_people(route)

    @_few
    @given(operation.as_strategy(GenerationMode.NEGATIVE))
    def wrong(case: Case[Any]) -> None:
        case.validate_response(case.call(headers=headers), headers=headers)
        keep_people(route)

    right()
    if route.takes is not None or route.query is not None:
        wrong()


_few = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),  # a request is small, and finding a smaller one takes minutes
    suppress_health_check=list(HealthCheck),
)


def _signed_in(world: World, route: Route) -> dict[str, str]:
    """The token of whoever may do most of those who may ask."""
    crowd = (world.admin, world.owner, world.staff, world.user)
    may = [each for each in crowd if each.role in route.who]
    return {"Authorization": f"Bearer {world.token(may[0])}"} if may else {}


def _fill(case: Case[Any], known: Mapping[str, list[Any]], draw: Callable[[Any], Any]) -> None:
    """Put in what exists, half of the time, and forms that are described in words. A web form
    leaves out what is null."""

    def filled(name: str, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if name in FORMS and (name, case.path) not in BY_FORMAT:
            return draw(FORMS[name])
        if isinstance(value, dict):
            return {inner: filled(inner, each) for inner, each in value.items()}
        if isinstance(value, list):
            return [filled(name, each) for each in value]
        if name in IDS and draw(st.booleans()):
            return draw(st.sampled_from(known[name]))
        return _seen(value) if isinstance(value, str) else value

    if key := case.headers.get("Idempotency-Key"):
        case.headers["Idempotency-Key"] = f"{key[:100]}{next(KEYS)}"
    for part in (case.path_parameters, case.query):
        part.update({name: filled(name, value) for name, value in part.items()})
    for name in {"from", "to"} & case.query.keys():
        case.query[name] = draw(DATES | INSTANTS)
    if isinstance(case.body, dict):
        body = {name: filled(name, value) for name, value in case.body.items()}
        is_form = case.media_type != JSON
        case.body = {name: each for name, each in body.items() if not (is_form and each is None)}


def _seen(text: str) -> str:
    """The text with an x for each character that nobody sees (docs/rules/typing.md)."""
    return "".join(mark if _is_plain(mark) else "x" for mark in text)


def _is_plain(mark: str) -> bool:
    shown = mark.isprintable() and plain_text.cleaned(mark) == mark
    return shown and plain_text.is_seen(mark)


def _assert_a_rule(error: dict[str, Any]) -> None:
    """The refusal of a right request is for a rule."""
    faults = set(error.get("fields", {}).items()) - NEEDED_BY_A_RULE
    assert [each for each in faults if FAULT_OF_FORM.match(each[1])] == [], error
