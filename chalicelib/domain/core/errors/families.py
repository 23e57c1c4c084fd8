"""The root of the refusals, and its families: the API maps each family to a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Self

from chalicelib.domain.core.languages import Language
from chalicelib.domain.core.sentence import Wording, say

MOST_NAMED: Final = 10
"""Ids that a refusal names of each kind."""


def named(found: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The fact `open`: the number and the first ids of each kind of what is in the way."""
    return {
        "open": {
            kind: {"count": len(ids), "ids": list(ids[:MOST_NAMED])} for kind, ids in found.items()
        }
    }


class Refusal(Exception):
    """An error with a stable code. Rules and services raise it; the API maps it to a status in one
    place. What it says becomes text there, in the language of the reader: without a `message` the
    sentence of the catalogues that is named as its code. `facts` are further values for programs.
    `site` and `subject` are those of its audit event, where the path does not name them. `message`
    is the text, once the API has made it (api/web/answers.py): in `language`, where it is known."""

    code: ClassVar[str] = "REFUSED"

    def __init__(
        self,
        message: Wording | None = None,
        *,
        fields: Mapping[str, Wording] | None = None,
        retry_after: int | None = None,
        site: str | None = None,
    ) -> None:
        self.wording: Wording = say(self.code.lower()) if message is None else message
        self.site = site
        self.subject: str | None = None
        self.fields: dict[str, Any] = dict(fields or {})
        self.language: Language | None = None
        self.message = ""
        self.retry_after = retry_after
        self.facts: Mapping[str, Any] = {}
        super().__init__(self.wording)

    @property
    def is_plain(self) -> bool:
        """Whether it says what its code says, and nothing more."""
        return self.wording == say(self.code.lower())


class Invalid(Refusal):
    """A malformed request; `fields` maps each faulty field to what it must be."""

    code = "VALIDATION_FAILED"

    def __init__(self, fields: Mapping[str, Wording], message: Wording | None = None) -> None:
        super().__init__(message, fields=fields)


class TooLarge(Refusal):
    code = "PAYLOAD_TOO_LARGE"


class NotAuthenticated(Refusal):
    code = "NOT_AUTHENTICATED"


class Forbidden(Refusal):
    code = "FORBIDDEN"


class NotFound(Refusal):
    code = "NOT_FOUND"


class Conflict(Refusal):
    code = "CONFLICT"


class StaleVersion(Conflict):
    """The record was changed between our read and our write; retry_on_conflict repeats the step."""

    code = "CHANGED_MEANWHILE"


class AlreadyExists(Conflict):
    code = "ALREADY_EXISTS"


class InUse(Conflict):
    code = "IN_USE"

    @classmethod
    def naming(cls, message: Wording, found: Mapping[str, Sequence[str]]) -> Self:
        """The refusal with the fact `open`: the count and the first ids of each kind `found`."""
        refusal = cls(message)
        refusal.facts = named(found)
        return refusal


class RequestInProgress(Conflict):
    code = "REQUEST_IN_PROGRESS"


class Gone(Refusal):
    code = "GONE"


class CursorExpired(Gone):
    code = "CURSOR_EXPIRED"


class PreconditionFailed(Refusal):
    code = "PRECONDITION_FAILED"


class VersionChanged(PreconditionFailed):
    code = "VERSION_CHANGED"


class Mismatch(Refusal):
    code = "IDEMPOTENCY_MISMATCH"


class TooMany(Refusal):
    code = "TOO_MANY_REQUESTS"


class Unavailable(Refusal):
    """`cause` is for the log: people read only that they may try again."""

    code = "UNAVAILABLE"

    def __init__(self, cause: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(retry_after=retry_after)
        self.cause = cause
