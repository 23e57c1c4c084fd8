"""What the pages of mailed links share: the language of the mail, refusals as pages, the proof of a
link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib.api.web.http import Answer, status_of
from chalicelib.domain.core import errors, languages
from chalicelib.pages.page import Page, answer
from chalicelib.services.core import signed_links
from chalicelib.services.core.deps import Deps

if TYPE_CHECKING:
    from chalicelib.texts.pages import PageTexts


def texts_of(deps: Deps, token: str) -> PageTexts:
    """The texts in the language of the mail that the link is from. Raises LinkExpired."""
    from chalicelib.texts import catalogue

    return catalogue.pages(signed_links.read(deps, token).language)


@contextmanager
def in_its_language(deps: Deps, token: str) -> Iterator[None]:
    """Refuse in the language of the mail that the link is from, where it is not forged."""
    try:
        yield
    except errors.Refusal as refusal:
        claims = deps.tokens.link_claims(token)
        refusal.language = None if claims is None else claims.language
        raise


def proved(deps: Deps, token: str) -> None:
    """Require a valid link. Raises LinkExpired."""
    with in_its_language(deps, token):
        signed_links.read(deps, token)


def refused(refusal: errors.Refusal, request_id: str) -> Answer:
    """A refusal as a page."""
    from chalicelib.texts import catalogue

    texts = catalogue.pages(languages.choose(refusal.language))
    faults = (
        texts.field_fault.format(field=name, fault=what) for name, what in refusal.fields.items()
    )
    title = texts.dead_link_title if isinstance(refusal, errors.Gone) else texts.failed_title
    page = Page(texts, title, " ".join((refusal.message, *faults)), failed=True)
    return answer(page, status_of(refusal))
