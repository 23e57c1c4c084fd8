"""A declared route, and the call that its view gets. OpenAPI, the access table and the limits read
the same declaration."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chalicelib.api.web import csv_lists, spoken
from chalicelib.api.web.answers import JSON, Answer, Plain, refusal_answer
from chalicelib.api.web.incoming import FORM, MULTIPART
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, KeyActor, KeyScope, Role
from chalicelib.domain.core.languages import Language
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.rate_limits import Limit

PUBLIC: Final[frozenset[Role]] = frozenset()
USER: Final = frozenset(Role)
CUSTOMER: Final = frozenset(Role) - {Role.STAFF}
STAFF: Final = frozenset({Role.STAFF, Role.OWNER, Role.ADMIN})
OWNER: Final = frozenset({Role.OWNER, Role.ADMIN})
ADMIN: Final = frozenset({Role.ADMIN})


@dataclass(frozen=True)
class Call:
    """One parsed and authorised request: the argument of a view. `accepted` is the language that it
    prefers."""

    deps: Deps
    actor: Actor
    body: Any
    query: Any
    source_ip: str
    now: datetime
    accepted: Language | None = None


View = Callable[..., Answer]
"""A view takes the Call and the parameters of the path."""

Proof = Callable[..., object]
"""Takes the dependencies and the parameters of the path. Raises what refuses them."""


@dataclass(frozen=True)
class NoQuery:
    """A query without parameters."""


@dataclass(frozen=True)
class SignedBody:
    """A body that is taken as it came, to prove that its sender has signed it, for the OpenAPI
    document: what it is, the name of its example, and the names of the headers that come with
    it."""

    about: str
    example: str
    headers: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """A declared route. An empty `who` means public. `gives` is the view of the answer. `once`
    honours Idempotency-Key; the fields `secret_once` are null in a repeated answer. `versioned`
    honours If-Match. Refusals of `sensitive` routes leave an audit event. `forms` and `multipart`
    are the bodies it takes beside JSON. `proof` judges what the path says, before the body is
    read. `refusal` shapes what is refused, `plain` an unexpected error. Devices with an API key of
    the scope `keys` may call it too. `located` are the paths of what it makes,
    with fields of the answer: the first for which the answer has the fields. One with a
    `signed` body gets it as it came."""

    name: str
    method: str
    path: str
    who: frozenset[Role]
    view: View
    takes: type | None
    query: type | None
    gives: Any
    status: int
    once: bool
    secret_once: tuple[str, ...]
    versioned: bool
    sensitive: bool
    limit: Limit | None
    forms: bool
    multipart: bool
    proof: Proof
    refusal: Callable[[errors.Refusal, str], Answer]
    plain: Plain
    keys: KeyScope | None = None
    located: tuple[str, ...] = ()
    signed: SignedBody | None = None

    @property
    def translated(self) -> bool:
        """Whether its texts are in the reader's language; the replaced systems' are not."""
        return self.refusal is refusal_answer or self.gives == "text/html"

    @property
    def speaks(self) -> bool:
        """Whether its answer has sentences in the reader's language."""
        return self.translated and spoken.speaks(self.gives)

    @property
    def is_list(self) -> bool:
        """Whether it gives rows, as JSON or as CSV."""
        ours = self.refusal is refusal_answer
        return ours and self.method == "GET" and csv_lists.is_list(self.gives)

    @property
    def subject(self) -> str:
        """The path parameter of its subject: the last one."""
        named: list[str] = re.findall(r"{(\w+)}", self.path)
        return named[-1]

    def admits(self, actor: Actor) -> bool:
        """Whether an account of that role, or a device with a key of that scope, may call it."""
        if isinstance(actor, KeyActor):
            return actor.scope is self.keys
        return actor.role in self.who

    @property
    def media(self) -> list[str]:
        """The media types of its body."""
        return [JSON, *([FORM] if self.forms else []), *([MULTIPART] if self.multipart else [])]
