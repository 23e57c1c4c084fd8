"""One plain page: a title, a sentence, some facts, at most one button. No script, nothing from
elsewhere, kept by nobody."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.api.web.http import Answer

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Page:
    """What a page says, and the button it has, if any. `grave` buttons take something away;
    `fault` is what is wrong with the password that was typed."""

    title: str
    text: str
    button: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    grave: bool = False
    asks_password: bool = False
    fault: str = ""
    failed: bool = False


def answer(page: Page, status: int = 200) -> Answer:
    """The page as an answer."""
    template, style, digest = _template()
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src '{digest}'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    html = template.render(page=page, style=_Safe(style))
    return Answer(status, html, headers, "text/html; charset=utf-8")


@cache
def _template() -> tuple[Template, str, str]:
    from jinja2 import Environment, FileSystemLoader

    style = (_TEMPLATES / "link.css").read_text()
    templates = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return templates.get_template("link.html"), style, f"sha256-{digest}"


class _Safe(str):
    """Our own style sheet: the template takes it as it is."""

    def __html__(self) -> str:
        return self
