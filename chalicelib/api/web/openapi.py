"""The contract as it is served: the OpenAPI document, and a page to browse it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.api.web.http import PUBLIC, Answer, Call, Routes, ok

if TYPE_CHECKING:
    from chalicelib.api.web.docs_page import DocsPage


def serve(contract: Callable[[], dict[str, Any]], *, home: str) -> Routes:
    """The routes that publish the document `contract` returns; it is made when first asked for.
    `home` is the module that holds them."""
    routes = Routes(home)

    @cache
    def page() -> DocsPage:
        from chalicelib.api.web import docs_page

        return docs_page.render(contract())

    @routes.get("/api/openapi.json", who=PUBLIC)
    def openapi_json(call: Call) -> Answer:
        """This document: OpenAPI 3.1, made from the declarations that check the requests."""
        return ok(contract())

    @routes.get("/api/docs", who=PUBLIC, gives="text/html")
    def docs(call: Call) -> Answer:
        """The same as a page to browse. It needs no script and loads nothing from elsewhere."""
        headers = {"Content-Security-Policy": page().policy, "Cache-Control": "public, max-age=300"}
        headers["Content-Language"] = "en"
        return Answer(200, page().html, headers, content_type="text/html; charset=utf-8")

    return routes
