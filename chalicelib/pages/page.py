"""One plain page: a title, a sentence, some facts, at most one button. It has no script, loads
nothing from elsewhere and is not cached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.api.web.http import Answer
from chalicelib.domain.accounts.account import SHORTEST_PASSWORD
from chalicelib.pages import html
from chalicelib.pages.brand import Brand

if TYPE_CHECKING:
    from chalicelib.texts.pages import PageTexts

_DESIGN: Final = html.Design(styles=("page.css",))


@dataclass(frozen=True)
class Page:
    """The texts of a page in one language, and its button, if any. `grave` buttons take something
    away; `fault` is what is wrong with the password that was typed."""

    texts: PageTexts
    title: str
    text: str
    button: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    grave: bool = False
    asks_password: bool = False
    fault: str = ""
    failed: bool = False


def answer(page: Page, status: int = 200, brand: Brand | None = None) -> Answer:
    """The page as an answer, under the `brand` of a place."""
    language = page.texts.language
    rendered = html.render(
        _DESIGN,
        "link.html",
        own_style=brand.style if brand else "",
        page=page,
        brand=brand,
        language=language,
        least=SHORTEST_PASSWORD,
    )
    return html.answer(rendered, status, Content_Language=language)
