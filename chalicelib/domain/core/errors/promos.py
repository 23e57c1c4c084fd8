"""Refusals of promo codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from chalicelib.domain.core.errors.families import Conflict, NotFound
from chalicelib.domain.core.sentence import Wording, say


class PromoNotFound(NotFound):
    code = "PROMO_NOT_FOUND"

    @classmethod
    def named(cls) -> Self:
        """The refusal of a request that names a code: the same for one that does not exist, is
        switched off or is another site's."""
        return cls(fields={"promo_code": say("is_no_code_here")})


class _AboutCode(Conflict):
    """A code that is known, and cannot be used for this booking."""

    def __init__(
        self, message: Wording | None = None, *, fields: Mapping[str, Wording] | None = None
    ) -> None:
        super().__init__(message, fields=fields or {"promo_code": say("cannot_be_used_here")})


class PromoNotValid(_AboutCode):
    code = "PROMO_NOT_VALID"


class PromoUsedUp(_AboutCode):
    code = "PROMO_USED_UP"
