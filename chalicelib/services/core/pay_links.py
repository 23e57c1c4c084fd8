"""Links to the page that takes a payment, without signing in (docs/decisions/pay-page.md). A link
names a booking, or one payment of it by our reference. Who opens it is asked by `paying`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.services.core import recipients, signed_links
from chalicelib.services.core.deps import Deps

LIFE: Final = timedelta(days=366)
"""How long a pay link opens its page. What is due then is still due: a new mail or answer brings a
new link."""

BEARER: Final = 0
"""The version of a link that no mail brought: it is valid for those who have it."""


def mailed(deps: Deps, name: str, *, to: str, language: Language) -> str:
    """The link for the mailbox `to`, in a mail of that `language`; `name` is a booking or a
    payment."""
    until = deps.now() + LIFE
    return recipients.link(deps, "pay", name, to=to, until=until, language=language)


def shown(deps: Deps, name: str, *, language: Language = LANGUAGES[0]) -> str:
    """The link for the answer to a person who may see the booking."""
    return signed_links.url(
        deps, "pay", name, until=deps.now() + LIFE, version=BEARER, language=language
    )


def back(link: str) -> str:
    """Where the gateway sends the payer after a payment that began at `link`."""
    return f"{link}/result"
