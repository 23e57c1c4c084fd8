"""The index of the routes, which `make package` writes into the bundle: the module that declares
each route, so that a function loads it when the route is first called, and the modules that a
booking needs, which the function of the API loads at its start. The sources have none: there all
routes are mounted at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chalicelib.api.web.http import Routes

API_HANDLER: Final = "app.app"
"""The function of the API, as Lambda names it in `_HANDLER`."""

FILE: Final = Path(__file__).with_name("route_index.json")

Homes = Mapping[str, Mapping[str, str]]
"""By path and method, the module that declares the route, as its `routes`."""


@dataclass(frozen=True)
class RouteIndex:
    """The homes of all routes, and the modules that this function loads at its start."""

    homes: Homes = field(default_factory=dict)
    first: tuple[str, ...] = ()


def read() -> RouteIndex:
    """The index of the bundle; an empty one beside the sources. Only the function of the API loads
    what a booking needs."""
    if not FILE.exists():
        return RouteIndex()
    kept = json.loads(FILE.read_text())
    is_api = os.environ.get("_HANDLER", API_HANDLER) == API_HANDLER
    return RouteIndex(kept["homes"], tuple(kept["first"]) if is_api else ())


def homes(every: Iterable[Routes]) -> Homes:
    """Where all these routes are declared."""
    found: dict[str, dict[str, str]] = {}
    for routes in every:
        for route in routes.declared:
            found.setdefault(route.path, {})[route.method] = routes.home
    return found
