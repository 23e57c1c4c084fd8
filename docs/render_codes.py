"""Renders the codes of each route: `python -m docs.render_codes`."""

from __future__ import annotations

import json
from pathlib import Path
from types import FunctionType
from typing import Final

from chalicelib import routes
from chalicelib.api.web.route import Route
from docs import raised, source

PAGE: Final = Path(__file__).parents[1] / "chalicelib" / "api" / "web" / "refusal_codes.json"


def render() -> str:
    """The codes that the view and the proof of each route can raise, a route a line."""
    functions = {f"{route.method} {route.path}": _functions(route) for route in routes.declared()}
    kinds = raised.refusals(each for its in functions.values() for each in its)
    codes = {
        name: sorted({kind.code for each in its for kind in kinds[each]})
        for name, its in functions.items()
    }
    lines = (f"{json.dumps(name)}: {json.dumps(' '.join(its))}" for name, its in codes.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _functions(route: Route) -> list[FunctionType]:
    return [found for each in (route.view, route.proof) if (found := source.plain(each))]


if __name__ == "__main__":
    PAGE.write_text(render())
