"""Find the route that a path belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Match:
    """The route a path belongs to, such as `/api/bookings/{id}`, and the parts it captured."""

    resource: str
    parameters: dict[str, str]


class Paths:
    """The paths of an app's routes. One trailing slash is ignored; literal parts beat captures."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._literal: dict[str, str] = {}
        self._captures: defaultdict[int, list[tuple[list[str], str]]] = defaultdict(list)
        for path in sorted(paths, key=_literal_first):
            if "{" in path:
                parts = path.split("/")
                self._captures[len(parts)].append((parts, path))
            else:
                self._literal[path] = path

    def match(self, path: str) -> Match | None:
        """The route of `path` (without its query), or None if the app has none.

        >>> Paths(["/a/{id}", "/a/new"]).match("/a/7/")
        Match(resource='/a/{id}', parameters={'id': '7'})
        """
        if path.endswith("/") and len(path) > 2:
            path = path[:-1]
        if path in self._literal:
            return Match(path, {})
        parts = path.split("/")
        for pattern, resource in self._captures[len(parts)] if path else ():
            captured = _captured(pattern, parts)
            if captured is not None:
                return Match(resource, captured)
        return None


def _literal_first(path: str) -> list[tuple[bool, str]]:
    return [(part.startswith("{"), part) for part in path.split("/")]


def _captured(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    captured = {}
    for expected, part in zip(pattern, parts, strict=True):
        if expected.startswith("{") and part:
            captured[expected.strip("{}")] = part
        elif expected != part:
            return None
    return captured
