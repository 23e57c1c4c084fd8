"""The start page: what Berth is, and where its interface is described."""

from __future__ import annotations

from typing import Final

from chalicelib import VERSION
from chalicelib.api.web.http import PUBLIC, Answer, Call, Routes
from chalicelib.pages import html
from chalicelib.services.core.start_page import Link, Section

routes = Routes(__name__)

_DESIGN: Final = html.Design(styles=("page.css", "sections.css"))


@routes.get("/", who=PUBLIC, gives="text/html")
def start_page(call: Call) -> Answer:
    """What Berth is, with links to its interface, as a page. Needs no read."""
    sections = (_interface(call.deps.settings.base_url), *call.deps.start_sections)
    rendered = html.render(_DESIGN, "start.html", sections=sections, version=VERSION, language="en")
    return html.answer(rendered, Cache_Control="no-cache")


def _interface(base_url: str) -> Section:
    return Section(
        "Interface",
        links=(
            Link(f"{base_url}/api/docs", "Documentation", "Every route, with examples."),
            Link(f"{base_url}/api/openapi.json", "OpenAPI 3.1", "The same for programs."),
            Link(f"{base_url}/api/public/health", "Health", "Whether Berth and its tables answer."),
        ),
    )
