"""Answers requests to `/_local`: finds the view by path and method."""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from local.control import json_views, mail_views, overview, pay_page, payment_views
from local.control.bodies import BadBody
from local.control.controlled import Call, Controlled, View
from local.gateway import HttpRequest, HttpResponse, refusal

ROOT: Final = "/_local"
_ROUTES: Final = {
    **json_views.ROUTES,
    **overview.ROUTES,
    **mail_views.ROUTES,
    **pay_page.ROUTES,
    **payment_views.ROUTES,
}
_LAST_ACTIONS: Final = 5


def covers(path: str) -> bool:
    """Whether `path` belongs to the control surface."""
    return path == ROOT or path.startswith(f"{ROOT}/")


class Control:
    """The control surface of a running product."""

    def __init__(self, product: Controlled) -> None:
        self._product = product
        self._done: deque[str] = deque(maxlen=_LAST_ACTIONS)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request whose path the control surface covers."""
        path = request.path.rstrip("/")
        for pattern, views in _ROUTES.items():
            if match := re.fullmatch(pattern, path):
                return self._answer(request, views, match)
        text = "There is nothing at this address. /_local/ shows what there is."
        return refusal(404, "NOT_FOUND", text)

    def _answer(
        self, request: HttpRequest, views: dict[str, View], match: re.Match[str]
    ) -> HttpResponse:
        view = views.get("GET" if request.method == "HEAD" else request.method)
        if view is None:
            return refusal(405, "METHOD_NOT_ALLOWED", f"Use {' or '.join(views)}.")
        try:
            return view(Call(self._product, request, self._done), *match.groups())
        except BadBody as bad:
            return refusal(400, "VALIDATION_FAILED", "The body is not right.", bad.fields)
