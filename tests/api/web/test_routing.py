from __future__ import annotations

import pytest

from chalicelib.api.web.routing import Match, Paths

PATHS = Paths(
    [
        "/",
        "/api/bookings",
        "/api/bookings/{id}",
        "/api/bookings/summary",
        "/api/bookings/{id}/cancel",
        "/api/{anything}/special/cancel",
    ]
)


@pytest.mark.parametrize(
    ("path", "resource", "parameters"),
    [
        ("/", "/", {}),
        ("/api/bookings", "/api/bookings", {}),
        ("/api/bookings/", "/api/bookings", {}),  # one trailing slash is ignored
        ("/api/bookings/BK1", "/api/bookings/{id}", {"id": "BK1"}),
        ("/api/bookings/BK1/", "/api/bookings/{id}", {"id": "BK1"}),
        ("/api/bookings/summary", "/api/bookings/summary", {}),  # a literal beats a capture
        ("/api/bookings/BK1/cancel", "/api/bookings/{id}/cancel", {"id": "BK1"}),
        ("/api/x/special/cancel", "/api/{anything}/special/cancel", {"anything": "x"}),
    ],
)
def test_a_path_finds_its_route(path: str, resource: str, parameters: dict[str, str]) -> None:
    assert PATHS.match(path) == Match(resource, parameters)


@pytest.mark.parametrize("path", ["", "//", "/api", "/API/bookings", "/api/bookings//", "/api//x"])
def test_other_paths_find_none(path: str) -> None:
    assert PATHS.match(path) is None
