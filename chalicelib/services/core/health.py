"""Whether Berth reaches what it needs."""

from __future__ import annotations

from contextlib import suppress

from chalicelib.domain.core import errors
from chalicelib.services.core.deps import Deps

_NOWHERE = "-"
"""No site can have this slug, so the read costs the least there is."""


def check(deps: Deps) -> dict[str, str]:
    """What was tried, each `ok`: one read. Raises Unavailable where DynamoDB does not answer."""
    with suppress(errors.SiteNotFound):
        deps.catalogue.fresh_site(_NOWHERE)
    return {"dynamodb": "ok"}
