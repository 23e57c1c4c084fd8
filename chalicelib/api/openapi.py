"""The contract: the OpenAPI document of every route, and a page to browse it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.api.http import PUBLIC, Answer, Call, Route, Routes, ok

if TYPE_CHECKING:
    from chalicelib.api.docs_page import Page

routes = Routes(__name__)


def declared() -> tuple[Route, ...]:
    """Every route there is, in the order of the document."""
    from chalicelib.routes import ALL  # it imports this module

    return tuple(route for routes in ALL for route in routes.declared)


@cache
def contract() -> dict[str, Any]:
    """The document. Whoever never asks for it does not pay for it."""
    from chalicelib.api import document

    return document.document(declared())


@cache
def _page() -> Page:
    from chalicelib.api import docs_page

    return docs_page.render(contract())


@routes.get("/api/openapi.json", who=PUBLIC)
def openapi_json(call: Call) -> Answer:
    """This document: OpenAPI 3.1, made from the declarations that check the requests."""
    return ok(contract())


@routes.get("/api/docs", who=PUBLIC, gives="text/html")
def docs(call: Call) -> Answer:
    """The same as a page to browse. It needs no script and loads nothing from elsewhere."""
    page = _page()
    headers = {"Content-Security-Policy": page.policy, "Cache-Control": "public, max-age=300"}
    return Answer(200, page.html, headers, content_type="text/html; charset=utf-8")
