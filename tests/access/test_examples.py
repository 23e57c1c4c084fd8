"""The example of each body in the OpenAPI document is sent, where the access table says that it
succeeds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest

from chalicelib import routes
from chalicelib.api.web.answers import JSON
from chalicelib.api.web.incoming import FORM
from chalicelib.api.web.route import Route
from chalicelib.api.web.schemas import REF
from tests.access import asking
from tests.access.given import TwoSites
from tests.access.table import TABLE, Row
from tests.client import Client

CONTRACT = routes.contract()
WITH_BODY = [route for route in routes.declared() if route.takes is not None]


def content_of(route: Route) -> dict[str, Any]:
    operation = CONTRACT["paths"][route.path][route.method.lower()]
    found: dict[str, Any] = operation["requestBody"]["content"]
    return found


def row_of(route: Route) -> Row:
    """The first request of the table that this route serves."""
    mine = (row for row in TABLE if row.request == f"{route.method} {route.path}")
    return next(row for row in mine if str(route.status) in row.expected.split())


def known_then(example: dict[str, Any], row: Row) -> dict[str, Any]:
    """The example; codes, tokens and ids that only the moment knows come from the table."""
    holes = row.body if isinstance(row.body, dict) else {}
    moving = {name: value for name, value in holes.items() if str(value).startswith("{")}
    return example | {name: moving[name] for name in example.keys() & moving.keys()}


@pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: f"{route.method} {route.path}")
def test_the_example_of_a_body_is_taken(route: Route, two_sites: TwoSites, client: Client) -> None:
    row = row_of(route)
    named = row.given(two_sites)
    caller = asking.signed_in(client, two_sites, asking.allowed(row))
    example = known_then(content_of(route)[JSON]["example"], row)
    asked = Row(row.request, row.expected, row.given, example)
    answer = asking.ask(caller, asked, named)
    assert answer.status == route.status, answer.body


@pytest.mark.parametrize(
    "route",
    [route for route in WITH_BODY if FORM in route.media],
    ids=lambda route: f"{route.method} {route.path}",
)
def test_a_form_takes_the_example_as_well(
    route: Route, two_sites: TwoSites, client: Client
) -> None:
    row = row_of(route)
    named = row.given(two_sites)
    caller = asking.signed_in(client, two_sites, asking.allowed(row)).sending(Content_Type=FORM)
    example = known_then(content_of(route)[FORM]["example"], row)
    plain = {name: named.get(str(value)[1:-1], value) for name, value in example.items()}
    answer = caller.call(route.method, route.path.format(**named), urlencode(plain).encode())
    assert answer.status == route.status, answer.body


@pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: f"{route.method} {route.path}")
def test_the_example_of_a_body_fits_its_schema(route: Route) -> None:
    part = content_of(route)[JSON]
    assert part["schema"]["$ref"].startswith(REF)
    whole = {**part["schema"], "components": CONTRACT["components"]}
    jsonschema.Draft202012Validator(whole).validate(part["example"])
