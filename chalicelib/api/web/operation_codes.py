"""The codes of the refusals that an operation can answer, for the OpenAPI document.

Those of the views are read from the source by `python -m docs.render_codes`, because the bundle has
no source; those that every route shares follow from its declaration."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from chalicelib.api.web.answers import STATUS
from chalicelib.api.web.route import Route
from chalicelib.domain.core import errors

OF_THE_FRAMEWORK: Final[Mapping[str, int]] = {
    "METHOD_NOT_ALLOWED": 405,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "INTERNAL": 500,
}
"""The codes that are not of a refusal, with their status."""

_FILE: Final = Path(__file__).with_name("refusal_codes.json")


def every() -> list[str]:
    """Every code that an answer may have."""
    return sorted({*kinds(), *OF_THE_FRAMEWORK})


def of(route: Route) -> dict[int, list[str]]:
    """The codes of the refusals that may meet a route, by the status of their family."""
    found: dict[int, list[str]] = {}
    for code in sorted({*_of_view(route), *_of_declaration(route)}):
        found.setdefault(_status(code), []).append(code)
    return dict(sorted(found.items()))


@cache
def kinds() -> dict[str, type[errors.Refusal]]:
    """The refusal of each code; where several share it, the most general one."""
    found: dict[str, type[errors.Refusal]] = {}
    for family in STATUS:
        for kind in _with_leaves(family):
            found.setdefault(kind.code, kind)
    return found


def _with_leaves(kind: type[errors.Refusal]) -> Iterator[type[errors.Refusal]]:
    yield kind
    for leaf in kind.__subclasses__():
        yield from _with_leaves(leaf)


def _status(code: str) -> int:
    if code in OF_THE_FRAMEWORK:
        return OF_THE_FRAMEWORK[code]
    return next(status for family, status in STATUS.items() if issubclass(kinds()[code], family))


def _of_view(route: Route) -> list[str]:
    known: dict[str, Any] = _read()
    return str(known.get(f"{route.method} {route.path}", "")).split()


@cache
def _read() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text()))


def _of_declaration(route: Route) -> Iterator[str]:
    """What limits, sign-in, the body, the query and the headers of a request may meet."""
    yield from (errors.Invalid.code, errors.TooMany.code, errors.Unavailable.code)
    if route.who:
        yield from (errors.NotAuthenticated.code, errors.TokenExpired.code, errors.Forbidden.code)
    if route.takes is not None or route.signed is not None:
        yield from (errors.TooLarge.code, "UNSUPPORTED_MEDIA_TYPE")
    if route.versioned:
        yield errors.VersionChanged.code
    if route.once:
        yield from (errors.Mismatch.code, errors.RequestInProgress.code)
