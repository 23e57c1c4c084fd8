"""The health check."""

from __future__ import annotations

from contextlib import suppress

from chalicelib.domain.core import errors
from chalicelib.services.core.deps import Deps

_NOWHERE = "-"
"""A slug that no site can have: the cheapest read."""


def check(deps: Deps) -> dict[str, str]:
    """The checks by name, each `ok`: one read. Raises Unavailable where DynamoDB does not
    answer."""
    with suppress(errors.SiteNotFound):
        deps.catalogue.fresh_site(_NOWHERE)
    return {"dynamodb": "ok"}
