"""HTML from templates. A page allows its own style sheet and script, by their hashes, and nothing
from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chalicelib.api.web.http import Answer

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Design:
    """Where the templates of some pages are, first folder first; the files that make up their
    style sheet and their script; what their policy allows beside these; where their forms go,
    beside our own addresses."""

    styles: tuple[str, ...]
    scripts: tuple[str, ...] = ()
    folders: tuple[Path, ...] = (TEMPLATES,)
    allows: tuple[str, ...] = ()
    forms_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Html:
    """A rendered page and its Content-Security-Policy."""

    text: str
    policy: str


def render(design: Design, template: str, *, own_style: str = "", **values: object) -> Html:
    """The page that `template` makes of `values`. `own_style` is added to the style sheet of the
    design, for this page alone."""
    parts = _parts(design)
    text = parts.environment.get_template(template).render(
        **values, style=_Markup(parts.style + own_style), script=parts.script
    )
    policy = _policy(design, parts.style + own_style, parts.script) if own_style else parts.policy
    return Html(text, policy)


def answer(page: Html, status: int = 200, **headers: str) -> Answer:
    """A page as an answer, with further headers (`_` stands for `-`). Search engines skip it, and
    the pages it links to do not learn its address."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    always = {
        "Content-Security-Policy": page.policy,
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    return Answer(status, page.text, always | named, "text/html; charset=utf-8")


@dataclass(frozen=True)
class _Parts:
    environment: Environment
    style: _Markup
    script: _Markup
    policy: str


class _Markup(str):
    """A style sheet or script of ours, which a template inserts unescaped."""

    def __html__(self) -> str:
        return self


@cache
def _parts(design: Design) -> _Parts:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(design.folders),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = _joined(design, design.styles), _joined(design, design.scripts)
    return _Parts(environment, style, script, _policy(design, style, script))


def _joined(design: Design, names: tuple[str, ...]) -> _Markup:
    found = (next(folder / name for folder in design.folders if (folder / name).exists())
             for name in names)  # fmt: skip
    return _Markup("".join(path.read_text(encoding="utf-8") for path in found))


def _policy(design: Design, style: str, script: str) -> str:
    directives = [
        "default-src 'none'",
        f"style-src {_digest(style)}",
        *([f"script-src {_digest(script)}"] if script else []),
        " ".join(("form-action 'self'", *design.forms_to)),
        "frame-ancestors 'none'",
        "base-uri 'none'",
        *design.allows,
    ]
    return "; ".join(directives)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
