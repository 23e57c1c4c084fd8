"""The codes of each operation, and where they come from."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import routes
from chalicelib.api.web import operation_codes
from chalicelib.api.web.route import Route
from chalicelib.services.accounts import api_keys
from chalicelib.services.core import health
from docs import raised, render_codes, source
from tests import openapi_contract

CONTRACT = routes.contract()
LARGEST = 100_000
"""Bytes of the compressed document."""


def route_of(name: str) -> Route:
    return next(route for route in routes.declared() if route.name == name)


def refused() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every refused answer of every operation, with its status."""
    for methods in CONTRACT["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    yield status, openapi_contract.resolved(answer)


def raised_by(function: Any) -> set[str]:
    found = source.plain(function)
    assert found is not None
    return {kind.code for kind in raised.refusals([found])[found]}


def test_the_codes_of_the_views_are_those_of_their_source() -> None:
    assert render_codes.PAGE.read_text() == render_codes.render(), "run python -m docs.render_codes"


def test_the_code_of_an_error_is_one_of_all_codes() -> None:
    schemas = CONTRACT["components"]["schemas"]
    code = schemas["ErrorDetail"]["properties"]["code"]
    assert code == {"$ref": "#/components/schemas/ErrorCode"}
    assert schemas["ErrorCode"]["enum"] == operation_codes.every()
    assert {"ZONE_FULL", "UNSUPPORTED_MEDIA_TYPE", "INTERNAL"} <= set(operation_codes.every())


def test_every_answer_with_a_code_lists_its_codes_and_shows_one_of_them() -> None:
    known, seen = set(operation_codes.every()), set()
    for _, answer in refused():
        example = answer["content"].get("application/json", {}).get("example", {})
        if "error" in example:
            codes = answer["x-error-codes"]
            assert example["error"]["code"] in codes
            assert set(codes) <= known
            assert answer["description"].endswith(f"Codes: {', '.join(codes)}.")
            seen.update(codes)
    assert len(seen) > 60


def test_a_code_stands_at_the_status_of_its_family() -> None:
    for route in routes.declared():
        for status, codes in operation_codes.of(route).items():
            assert status != 409 or "VALIDATION_FAILED" not in codes
            assert ("VERSION_CHANGED" in codes) <= (status == 412)
            assert ("OFFER_EXPIRED" in codes) <= (status == 410)


def test_an_operation_lists_its_own_codes() -> None:
    entry = operation_codes.of(route_of("staff_entry"))
    assert {"PLATE_MISMATCH", "TOO_EARLY", "ALREADY_CHECKED_IN"} <= set(entry[409])
    assert entry[410] == ["PASS_REPLACED"]
    assert "EMAIL_TAKEN" not in entry[409]
    assert operation_codes.of(route_of("register"))[409] == [
        "ALREADY_EXISTS", "CHANGED_MEANWHILE", "EMAIL_TAKEN", "REQUEST_IN_PROGRESS",
    ]  # fmt: skip
    assert operation_codes.of(route_of("get_health")) == {
        400: ["VALIDATION_FAILED"], 429: ["TOO_MANY_REQUESTS"], 503: ["UNAVAILABLE"],
    }  # fmt: skip


def test_a_refusal_that_is_caught_is_not_raised() -> None:
    codes = raised_by(health.check)
    assert "UNAVAILABLE" in codes
    assert "SITE_NOT_FOUND" not in codes


def test_the_limit_of_a_counter_is_refused_by_the_step_that_raises_it() -> None:
    assert "TOO_MANY_API_KEYS" in raised_by(api_keys.create)
    assert "TOO_MANY_WEBHOOKS" not in raised_by(api_keys.create)


def test_a_refusal_that_is_only_looked_for_is_not_raised() -> None:
    """A month without that day is the reason of a date in a list; it refuses no request."""
    booking = operation_codes.of(route_of("create_booking"))[409]
    assert "DATES_UNAVAILABLE" in booking
    assert not {"NO_SUCH_DATE", "TOO_FAR_AHEAD", "CONFLICT"} & set(booking)


def test_what_is_deleted_passes_no_limit() -> None:
    assert "TOO_MANY_API_KEYS" not in raised_by(api_keys.revoke)
    assert "API_KEY_NOT_FOUND" in raised_by(api_keys.revoke)
    assert operation_codes.of(route_of("delete_webhook"))[409] == ["CHANGED_MEANWHILE"]


def test_a_code_that_the_contract_does_not_foresee_is_caught() -> None:
    route = route_of("create_site")
    error = {"error": {"code": "ID_RETIRED", "message": "?"}, "request_id": "1"}
    openapi_contract.check(route, 409, error)
    error["error"] = {"code": "ZONE_FULL", "message": "?"}
    with pytest.raises(AssertionError, match="409 ZONE_FULL"):
        openapi_contract.check(route, 409, error)


def test_the_document_stays_small() -> None:
    assert len(gzip.compress(json.dumps(CONTRACT).encode())) < LARGEST
