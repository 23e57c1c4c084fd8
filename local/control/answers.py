"""Pages of the control surface, and what else its forms and links answer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chalicelib.pages import html
from local.gateway import HttpResponse

_DESIGN: Final = html.Design(
    styles=("page.css", "sections.css", "control.css"),
    scripts=("control.js",),
    folders=(Path(__file__).parent / "templates", html.TEMPLATES),
    allows=("frame-src 'self'",),
)
_HEADERS: Final = (
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "same-origin"),  # with no-referrer, a form would send `Origin: null`
    ("X-Content-Type-Options", "nosniff"),
)


def page(template: str, *, status: int = 200, **values: object) -> HttpResponse:
    """The page that `template` makes of `values`."""
    rendered = html.render(_DESIGN, template, own_style="", **values)
    return document(rendered.text.encode(), "text/html; charset=utf-8", rendered.policy, status)


def document(
    body: bytes,
    content_type: str,
    policy: str,
    status: int = 200,
    *headers: tuple[str, str],
) -> HttpResponse:
    """A body that browsers treat as `content_type` under `policy`."""
    kind = ("Content-Type", content_type)
    return HttpResponse(
        status, body, (kind, ("Content-Security-Policy", policy), *_HEADERS, *headers)
    )


def see_other(path: str) -> HttpResponse:
    """Send the browser to `path`, so that a reload does not repeat the action."""
    return HttpResponse(303, b"", (("Location", path), *_HEADERS))
