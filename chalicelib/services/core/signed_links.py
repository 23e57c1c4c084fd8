"""Links in mails (docs/api.md, Links in mails): signed, each for one thing and until its time."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.core import errors
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.gateways.tokens import LinkClaims
from chalicelib.services.core.deps import Deps


def url(
    deps: Deps, purpose: LinkPurpose, subject_id: str, *, until: datetime, version: int = 0
) -> str:
    """The link to be mailed. One for an account is void at its next `version`."""
    return f"{deps.settings.base_url}/l/{deps.tokens.link(purpose, subject_id, version, until)}"


def read(deps: Deps, token: str) -> LinkClaims:
    """What a link is for. Raises LinkExpired, also for what was never a link."""
    return deps.tokens.read_link(token, deps.now())


def opened(deps: Deps, token: str, purpose: LinkPurpose) -> LinkClaims:
    """Whom a link for `purpose` is about. Raises LinkExpired for any other link."""
    claims = read(deps, token)
    if claims.purpose != purpose:
        raise errors.LinkExpired()
    return claims
