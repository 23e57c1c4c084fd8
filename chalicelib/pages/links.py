"""The pages behind the links in mails. Looking changes nothing, because mail scanners look; the one
button acts. A link that has expired, was forged or never existed looks the same."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from chalicelib.api.http import PUBLIC, Answer, Call, Routes, status_of
from chalicelib.domain import errors
from chalicelib.domain.account import LinkPurpose
from chalicelib.domain.fields import Text
from chalicelib.services import limits, profile

routes = Routes(__name__)

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Page:
    """What a link's page says, and the button it has, if any."""

    title: str
    text: str
    button: str = ""
    asks_password: bool = False
    failed: bool = False


@dataclass(frozen=True)
class LinkForm:
    """What the page's form sends; only a new password asks for anything."""

    password: Annotated[str, Text(min=0, max=128)] = ""


_ASKING: dict[LinkPurpose, Page] = {
    "verify_email": Page(
        "Verify your address", "Press the button and your address is verified.", "Verify"
    ),
    "reset_password": Page(
        "Choose a new password",
        "Everybody who is signed in with the old one is signed out.",
        "Save the password",
        asks_password=True,
    ),
}


def refused(refusal: errors.Refusal, request_id: str) -> Answer:
    """A refusal as a page."""
    faults = "".join(f" The {name} {what}." for name, what in refusal.fields.items())
    title = "This link does not work" if isinstance(refusal, errors.Gone) else "That did not work"
    page = Page(title, refusal.message + faults, failed=True)
    return _answer(page, status_of(refusal))


@routes.get("/l/{token}", who=PUBLIC, gives="text/html", refusal=refused, limit=limits.LINK)
def link_page(call: Call, token: str) -> Answer:
    """What the link of a mail is for, with a button to do it. Changes nothing."""
    return _answer(_ASKING[profile.purpose_of(call.deps, token)])


@routes.post(
    "/l/{token}",
    who=PUBLIC, takes=LinkForm, gives="text/html", forms=True, refusal=refused,
    limit=limits.LINK, sensitive=True,
)  # fmt: skip
def link_act(call: Call, token: str) -> Answer:
    """Do what the link of a mail is for. Done twice, it shows what was done."""
    return _answer(_ACTING[profile.purpose_of(call.deps, token)](call, token))


def _verify(call: Call, token: str) -> Page:
    profile.verify_email(call.deps, token, address=call.address)
    return Page("Your address is verified", "Thank you. You can close this page.")


def _reset(call: Call, token: str) -> Page:
    profile.reset_password(call.deps, token, call.body.password, address=call.address)
    return Page("Your password is changed", "Sign in with the new one.")


_ACTING: dict[LinkPurpose, Callable[[Call, str], Page]] = {
    "verify_email": _verify,
    "reset_password": _reset,
}


def _answer(page: Page, status: int = 200) -> Answer:
    html, style_hash = _render(page)
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src '{style_hash}'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    return Answer(status, html, headers, "text/html; charset=utf-8")


@cache
def _render(page: Page) -> tuple[str, str]:
    from jinja2 import Environment, FileSystemLoader

    style = (_TEMPLATES / "link.css").read_text()
    templates = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    html = templates.get_template("link.html").render(page=page, style=_Safe(style))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return html, f"sha256-{digest}"


class _Safe(str):
    """Our own style sheet: the template takes it as it is."""

    def __html__(self) -> str:
        return self
