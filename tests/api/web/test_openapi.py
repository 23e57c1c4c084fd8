from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urljoin

import jsonschema
import pytest
from openapi_spec_validator import validate

from chalicelib import routes
from chalicelib.api.realtime import websocket
from chalicelib.api.web import docs_page, openapi_document, parse
from chalicelib.api.web.answers import Answer, word
from chalicelib.api.web.route import Route
from chalicelib.api.web.samples import sample
from chalicelib.api.web.schemas import Schemas
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import (
    UNSET,
    Amount,
    Doc,
    Integer,
    Items,
    Slug,
    Structure,
    Text,
)
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import Verbatim
from chalicelib.domain.realtime.webhook import headers
from tests import openapi_contract
from tests.client import Client
from tests.clock import NOON

ROUTES = routes.declared()
CONTRACT = routes.contract()
OPERATIONS = [
    (method, path, operation)
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
]


def operation_of(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = CONTRACT["paths"][route.path][route.method.lower()]
    return found


def by_name(name: str) -> dict[str, Any]:
    return next(operation_of(route) for route in ROUTES if route.name == name)


def parameters_of(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters of an operation, those that it refers to included."""
    named = CONTRACT["components"]["parameters"]
    return [
        named[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for each in operation.get("parameters", ())
    ]


def parts_of(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """A part of the document and all parts in it, with their places."""
    if isinstance(schema, dict):
        yield path, schema
        for name, part in schema.items():
            yield from parts_of(part, f"{path}/{name}")
    elif isinstance(schema, list):
        for index, part in enumerate(schema):
            yield from parts_of(part, f"{path}/{index}")


# -- the whole document


def test_the_document_is_valid_openapi() -> None:
    validate(CONTRACT)
    assert CONTRACT["openapi"].startswith("3.1")


def test_every_declared_route_is_in_it_and_nothing_else() -> None:
    declared = {(route.method.lower(), route.path) for route in ROUTES}
    assert {(method, path) for method, path, _ in OPERATIONS} == declared


def test_every_operation_has_an_id_of_its_own_a_summary_and_a_subject() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))
    assert all(operation["summary"].endswith(".") for _, _, operation in OPERATIONS)
    tags = {tag["name"] for tag in CONTRACT["tags"]}
    assert all(operation["tags"][0] in tags for _, _, operation in OPERATIONS)
    assert all(tag["description"] for tag in CONTRACT["tags"])


def test_every_shape_is_used() -> None:
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(CONTRACT)))
    assert set(CONTRACT["components"]["schemas"]) == used


def test_every_example_fits_its_schema() -> None:
    shapes = [
        part
        for schema in CONTRACT["components"]["schemas"].values()
        for part in (schema, *schema.get("properties", {}).values())
    ]
    faults = [
        fault.message
        for shape in shapes
        for example in shape.get("examples", ())
        for fault in _validator(shape).iter_errors(example)
    ]
    assert faults == []


def _validator(shape: dict[str, Any]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(shape | {"components": CONTRACT["components"]})


@pytest.mark.parametrize(
    "root",
    [
        "https://a1b2.execute-api.eu-west-1.amazonaws.com/prod",
        "https://book.example.com",
        "http://localhost:8000",
    ],
)
def test_a_client_that_read_the_document_finds_its_paths_at_the_same_place(root: str) -> None:
    (server,) = CONTRACT["servers"]
    base = urljoin(f"{root}/api/openapi.json", server["url"]).rstrip("/")
    assert base + "/api/public/health" == f"{root}/api/public/health"
    assert "/api/public/health" in CONTRACT["paths"]


def test_the_app_serves_the_document_and_the_page(client: Client) -> None:
    assert client.get("/api/openapi.json").body == json.loads(json.dumps(CONTRACT))
    page = client.get("/api/docs")
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_words_of_a_closed_set_and_the_parts_of_an_object_have_a_name() -> None:
    """Inline they become a type for each field of a generated client, or get lost."""
    named = {f"/components/schemas/{name}" for name in CONTRACT["components"]["schemas"]}
    for path, part in parts_of(CONTRACT):
        is_schema = "enum" in part or (part.get("type") == "object" and "properties" in part)
        assert not is_schema or path in named, path


def test_an_amount_and_a_coordinate_have_one_shape() -> None:
    for path, part in parts_of(CONTRACT["components"]["schemas"]):
        if "anyOf" in part:
            one, null = part["anyOf"]
            assert "$ref" in one, path
            assert null == {"type": "null"}, path


def test_only_the_number_of_a_room_is_of_two_types() -> None:
    """A list of types becomes a class without fields in Swift and in Kotlin."""
    several = [path for path, part in parts_of(CONTRACT) if "oneOf" in part or _several(part)]
    assert several == ["/components/schemas/RoomNumber"]
    assert [each["type"] for each in CONTRACT["components"]["schemas"]["RoomNumber"]["oneOf"]] == [
        "integer", "string",
    ]  # fmt: skip


def _several(part: dict[str, Any]) -> bool:
    types = part.get("type")
    return isinstance(types, list) and len({*types} - {"null"}) > 1


INSTANT = re.compile(r"/properties/(\w+_at|since|start|end|until|\w+_until|timestamp)$")


def test_an_instant_of_an_answer_has_its_format() -> None:
    answers = {
        name: schema
        for name, schema in CONTRACT["components"]["schemas"].items()
        if schema.get("type") == "object"
        and schema.get("additionalProperties") is not False
        and not name.endswith("WebForm")
    }
    found = [
        (path, part)
        for path, part in parts_of(answers)
        if INSTANT.search(path) and "string" in part.get("type", ())
    ]
    assert len(found) > 80
    for path, part in found:
        time_of_day = "CancellationDeadline" in path
        assert time_of_day or part.get("format") == "date-time", path


def test_every_event_is_described_as_a_call_and_every_frame_as_a_shape() -> None:
    assert set(CONTRACT["webhooks"]) == {*get_args(EventName), "ping"}
    frames = CONTRACT["x-websocket"]
    assert len(frames["send"]) == len(websocket.ACTIONS)
    actions = {
        CONTRACT["components"]["schemas"][each["$ref"].rpartition("/")[2]]["properties"]["action"][
            "const"
        ]
        for each in frames["send"]
    }
    assert actions == set(websocket.ACTIONS)


# -- an operation


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_an_operation_says_what_its_route_declares(route: Route) -> None:
    operation = operation_of(route)
    assert operation["x-roles"] == ([str(role) for role in sorted(route.who)] or ["public"])
    assert bool(operation["security"]) is bool(route.who)
    assert ("requestBody" in operation) is bool(route.takes or route.signed)
    placed = {(each["in"], each["name"]) for each in parameters_of(operation)}
    assert {name for place, name in placed if place == "path"} == set(
        re.findall(r"{(\w+)}", route.path)
    )
    query = set(parse.shape(route.query)) if route.query else set()
    query |= {"format"} if route.is_list else set()
    assert {name for place, name in placed if place == "query"} == query
    assert (("header", "Idempotency-Key") in placed) is route.once
    assert (("header", "If-Match") in placed) is route.versioned
    assert str(route.status) in operation["responses"]


def test_refusals_are_those_that_may_meet_a_route() -> None:
    assert set(by_name("get_health")["responses"]) == {"200", "304", "400", "429", "503"}
    assert set(by_name("create_site")["responses"]) == {
        "201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503",
    }  # fmt: skip
    assert set(by_name("delete_site")["responses"]) == {
        "204", "400", "401", "403", "404", "409", "412", "429", "503",
    }  # fmt: skip


def test_a_legacy_route_publishes_refusals_in_its_own_shape() -> None:
    legacy = next(route for route in ROUTES if route.path == "/parking/entry")
    responses = operation_of(legacy)["responses"]
    refused = responses["400"]["content"]["application/json"]
    assert refused["example"]["success"] is False
    assert "409" not in responses
    unsupported = responses["415"]["content"]["application/json"]
    assert unsupported["example"] == {"success": False, "message": "Send application/json."}


def test_a_route_that_takes_forms_says_so() -> None:
    legacy = next(route for route in ROUTES if route.path == "/parking/entry")
    assert set(operation_of(legacy)["requestBody"]["content"]) == {
        "application/json",
        "application/x-www-form-urlencoded",
    }


def test_a_list_answers_items_and_the_next_cursor() -> None:
    shown = by_name("list_sites")["responses"]["200"]["content"]["application/json"]["schema"]
    assert shown == {"$ref": "#/components/schemas/SitePage"}
    answer = CONTRACT["components"]["schemas"]["SitePage"]
    assert answer["properties"]["items"]["items"] == {"$ref": "#/components/schemas/SiteView"}
    assert answer["required"] == ["items", "next_cursor"]


def test_routes_of_the_same_name_get_ids_with_their_subject() -> None:
    route = next(route for route in ROUTES if route.name == "get_health")
    twin = replace(route, path="/api/twin", view=next(r.view for r in ROUTES if r.name == "get_me"))
    paths = openapi_document.document((route, twin))["paths"]
    assert paths["/api/public/health"]["get"]["operationId"] == "sites_get_health"
    assert paths["/api/twin"]["get"]["operationId"] == "accounts_get_health"


# -- schemas


@dataclass(frozen=True)
class Inner:
    """A part
    of a whole."""

    name: str
    inner: Inner | None = None


@dataclass(frozen=True)
class Whole_:
    slug: Slug
    count: Annotated[int, Integer(1, 9), Doc("How many.", 3)] = 2
    ratio: Annotated[str, Amount()] | None = None
    kind: Literal["a", "b"] = "a"
    parts: Annotated[tuple[Inner, ...], Items(5)] = ()
    span: Interval | None = None
    odd: Annotated[dict[str, Any], Structure(lambda raw: raw, {"type": "object"})] | None = UNSET
    from_: Annotated[str, Text(max=3)] | None = None


def test_a_body_is_published_as_it_is_read() -> None:
    schemas = Schemas()
    assert schemas.of(Whole_, read=True) == {"$ref": "#/components/schemas/Whole_"}
    properties = schemas.named["Whole_"]["properties"]
    assert properties["slug"]["pattern"] == "^(?:[a-z0-9]+(-[a-z0-9]+)*)$"
    assert properties["count"] == {
        "type": "integer", "format": "int32", "minimum": 1, "maximum": 9,
        "description": "How many.", "examples": [3], "default": 2,
    }  # fmt: skip
    assert properties["kind"] == {"type": "string", "enum": ["a", "b"], "default": "a"}
    assert properties["parts"]["maxItems"] == 5
    assert properties["odd"] == {"type": ["object", "null"]}
    assert properties["from"]["type"] == ["string", "null"]
    assert schemas.named["Whole_"]["required"] == ["slug"]
    assert schemas.named["Whole_"]["additionalProperties"] is False
    assert "description" not in schemas.named["Whole_"]


def test_a_shape_may_contain_itself_and_has_its_docstring_on_one_line() -> None:
    schemas = Schemas()
    schemas.of(Inner, read=True)
    inner = schemas.named["Inner"]
    assert inner["properties"]["inner"] == {
        "anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]
    }
    assert inner["description"] == "A part of a whole."


def test_what_is_read_and_answered_has_two_shapes_because_answers_are_whole() -> None:
    schemas = Schemas()
    schemas.of(Inner, read=True)
    assert schemas.of(Inner, read=False) == {"$ref": "#/components/schemas/InnerView"}
    assert schemas.named["InnerView"]["required"] == ["name", "inner"]
    assert "additionalProperties" not in schemas.named["InnerView"]


def test_a_sample_of_every_body_is_accepted_where_it_is_sent() -> None:
    named = CONTRACT["components"]["schemas"]
    for _, path, operation in OPERATIONS:
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            whole = {**schema, "components": CONTRACT["components"]}
            faults = list(jsonschema.Draft202012Validator(whole).iter_errors(sample(schema, named)))
            # a sample shows every field, also where only one of two may be given
            assert all(fault.validator in ("pattern", "minLength") for fault in faults), (
                path,
                faults,
            )


# -- the contract the tests hold routes to


def test_an_answer_outside_the_contract_is_caught() -> None:
    route = next(route for route in ROUTES if route.name == "get_health")
    whole = {
        "status": "ok",
        "version": "1",
        "time": "2026-11-21T06:30:00Z",
        "checks": {"dynamodb": "ok"},
    }
    openapi_contract.check(route, 200, whole)
    for status, body in [
        (200, {**whole, "version": 1}),
        (200, {**whole, "secret": "leaked"}),
        (200, {"status": "ok"}),
        (418, whole),
        (503, whole),
    ]:
        with pytest.raises(AssertionError):
            openapi_contract.check(route, status, body)


def test_a_refusal_of_each_family_fits_the_contract() -> None:
    route = next(route for route in ROUTES if route.name == "create_site")
    refusals: dict[int, errors.Refusal] = {
        400: errors.Invalid({"a": Verbatim("b")}),
        404: errors.SiteNotFound(),
        409: errors.AlreadyExists(),
    }
    for status, refusal in refusals.items():
        word(refusal, "en")
        answer: Answer = route.refusal(refusal, "r")
        assert answer.status == status
        openapi_contract.check(route, status, answer.body)


def test_a_call_or_a_frame_outside_the_contract_is_caught() -> None:
    zone = {
        "site": "central", "zone_id": "zone-a", "zone_name": "Zone A", "total_slots": 3,
        "available_slots": 2,
    }  # fmt: skip
    event = {
        "id": "001795219200042", "event": "availability-changed", "site": "central",
        "at": "2026-11-21T06:30:00Z", "data": zone,
    }  # fmt: skip
    sent = headers(["whsec_EXAMPLE"], "central.1", b"{}", NOON)
    openapi_contract.check_call(event, sent)
    openapi_contract.check_frame({"type": "event", "channel": "site-central", **event})
    for wrong in ({**event, "data": {**zone, "owner_name": "Asha"}}, {**event, "at": "noon"}):
        with pytest.raises(jsonschema.ValidationError):
            openapi_contract.check_call(wrong, sent)
    with pytest.raises(AssertionError):
        openapi_contract.check_frame({"type": "event", "channel": "site-central"})


def test_a_header_that_is_missing_or_not_described_is_caught() -> None:
    route = next(route for route in ROUTES if route.name == "create_site")
    refused = route.refusal(errors.AlreadyExists(), "r")
    usual = {"X-Request-Id": "r", "Vary": "Accept-Encoding"}
    openapi_contract.check(route, 409, refused.body, headers=usual)
    for wrong in ({"Vary": "Accept-Encoding"}, usual | {"ETag": "1"}):
        with pytest.raises(AssertionError):
            openapi_contract.check(route, 409, refused.body, headers=wrong)


# -- the page


class Reader(HTMLParser):
    """Reads a page: its ids, where its links lead, what it loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
            if name in ("src", "style") or name.startswith("on") or tag == "link":
                self.loads.append(f"{tag} {name}={value}")


@pytest.fixture(scope="module")
def page() -> docs_page.DocsPage:
    return docs_page.render(CONTRACT)


def test_the_page_shows_every_route_and_every_link_leads_somewhere(
    page: docs_page.DocsPage,
) -> None:
    read = Reader(page.html)
    assert len(read.ids) == len(set(read.ids))
    assert {operation["operationId"] for _, _, operation in OPERATIONS} <= set(read.ids)
    assert [link for link in read.links if link.removeprefix("#") not in read.ids] == [
        "openapi.json"
    ]


def test_the_page_loads_nothing_and_its_policy_names_its_own_parts(
    page: docs_page.DocsPage,
) -> None:
    assert Reader(page.html).loads == []
    assert "default-src 'none'" in page.policy
    for text in _inline(page.html):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.policy
    assert "unsafe" not in page.policy


def _inline(page: str) -> Iterator[str]:
    for tag in ("style", "script"):
        yield from re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)


def test_the_page_shows_the_calls_of_webhooks_and_the_frames_of_the_websocket() -> None:
    page = docs_page.render(CONTRACT).html
    for event, item in CONTRACT["webhooks"].items():
        shown = _part(page, f'id="{item["post"]["operationId"]}"')
        assert event in shown
        assert item["post"]["summary"] in shown
        assert all(each["name"] in shown for each in item["post"]["parameters"])
    for way, frames in (("send", 3), ("receive", 5)):
        named = [each["$ref"].rpartition("/")[2] for each in CONTRACT["x-websocket"][way]]
        assert len(named) == frames
        for name in named:
            shown = _part(page, f'id="frame-{name}"')
            assert f"method {way}" in shown
            for field in CONTRACT["components"]["schemas"][name]["properties"]:
                assert f"<code>{field}</code>" in shown
    assert "&#34;subscribe&#34;" in _part(page, 'id="frame-SocketSubscribe"')


def _part(page: str, mark: str) -> str:
    """What stands from a mark to the next part of the page."""
    return page.partition(mark)[2].partition('<details class="op"')[0]


def test_text_of_the_contract_is_escaped_on_the_page() -> None:
    route = next(route for route in ROUTES if route.name == "get_health")
    contract = openapi_document.document((route,))
    contract["info"]["description"] = "<script>alert(1)</script>"
    assert "<script>alert(1)" not in docs_page.render(contract).html


def test_the_page_is_served_under_its_policy(client: Client) -> None:
    page = client.get("/api/docs")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_an_answer_has_one_shape() -> None:
    """Two shapes break clients that are generated for Kotlin or Swift; null is no shape."""
    contract = openapi_document.document(routes.declared())
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                for content in response.get("content", {}).values():
                    shape = content.get("schema", {})
                    assert not {"anyOf", "oneOf"} & shape.keys(), (method, path, status)


def test_the_urls_of_replaced_systems_are_deprecated_and_no_others() -> None:
    contract = openapi_document.document(routes.declared())
    deprecated = {
        path
        for path, methods in contract["paths"].items()
        if any(operation.get("deprecated") for operation in methods.values())
    }
    assert {"/parking/exit-qr-scan", "/api/parking/book"} <= deprecated
    assert {"/bookings", "/bookings/{booking_id}/renew", "/waitlist/{entry_id}/claim"} <= deprecated
    assert not [path for path in deprecated if path.startswith(("/api/bookings", "/api/staff"))]
