"""Bodies as web forms: what the contract publishes is what a form can send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib import routes
from chalicelib.api.web.answers import JSON
from chalicelib.api.web.incoming import FORM, MULTIPART
from chalicelib.api.web.route import Route
from chalicelib.api.web.schemas import REF
from tests.client import Client
from tests.world import World

CONTRACT = routes.contract()
NAMED = CONTRACT["components"]["schemas"]
FORMS = [route for route in routes.declared() if route.forms or route.multipart]


def published(route: Route) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The schema of a form and that of the same body as JSON."""
    content = CONTRACT["paths"][route.path][route.method.lower()]["requestBody"]["content"]
    for media in {FORM, MULTIPART} & content.keys():
        yield tuple(
            NAMED[content[each]["schema"]["$ref"].removeprefix(REF)] for each in (media, JSON)
        )


def types_of(schema: Any) -> Iterator[str]:
    """The types that a schema allows, those of its parts as well."""
    if "$ref" in schema:
        yield from types_of(NAMED[schema["$ref"].removeprefix(REF)])
    kinds = schema.get("type", ())
    yield from [kinds] if isinstance(kinds, str) else kinds
    for each in schema.get("anyOf", ()):
        yield from types_of(each)


@pytest.mark.parametrize("route", FORMS, ids=lambda route: f"{route.method} {route.path}")
def test_a_form_has_no_null_no_list_and_no_part(route: Route) -> None:
    for form, whole in published(route):
        kinds = {kind for part in form["properties"].values() for kind in types_of(part)}
        assert kinds <= {"string", "integer", "boolean", "number"}
        assert form.get("required") == whole.get("required")
        plain = {
            name for name, part in whole["properties"].items()
            if not {"array", "object"} & {*types_of(part)}
        }  # fmt: skip
        assert form["properties"].keys() == plain
        assert "additionalProperties" not in form


def test_a_form_may_have_fields_that_no_one_reads(client: Client, world: World) -> None:
    sent = {
        "zone_id": "zone-a",
        "vehicle_number": "KA01AB1234",
        "owner_name": "Asha",
        "csrf_token": "x1",
    }
    old = client.by(world.staff).sending(Content_Type=FORM)
    reply = old.call("POST", "/parking/entry", urlencode(sent).encode())
    assert (reply.status, reply.body["success"]) == (200, True), reply.body
