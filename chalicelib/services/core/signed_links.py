"""Signed links in mails (docs/api.md, Links in mails): each for one purpose and until a time."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.core import errors
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.gateways.tokens import LinkClaims
from chalicelib.services.core.deps import Deps


def url(
    deps: Deps,
    purpose: LinkPurpose,
    subject_id: str,
    *,
    until: datetime,
    version: int = 0,
    language: Language = LANGUAGES[0],
) -> str:
    """The URL of a link in a mail of that `language`, in which its page is shown. The link of an
    account is void at the next `version` of its purpose."""
    token = deps.tokens.link(purpose, subject_id, version, until, language)
    page = purpose if purpose in ("pay", "receipt") else "l"
    return f"{deps.settings.base_url}/{page}/{token}"


def read(deps: Deps, token: str) -> LinkClaims:
    """The claims of a link. Raises LinkExpired, also for a forged one."""
    return deps.tokens.read_link(token, deps.now())


def opened(deps: Deps, token: str, purpose: LinkPurpose) -> LinkClaims:
    """The claims of a link for `purpose`. Raises LinkExpired for any other link."""
    claims = read(deps, token)
    if claims.purpose != purpose:
        raise errors.LinkExpired()
    return claims
