"""Refusals: every error that a client can meet.

    Refusal
    ├── Invalid            the request is malformed; `fields` names what is wrong with each
    ├── NotAuthenticated   not signed in, or no longer
    ├── Forbidden          signed in, but not allowed
    ├── NotFound           unknown, or not visible to this caller
    ├── Conflict           the present state does not allow it
    ├── Gone               no longer possible
    ├── Mismatch           an idempotency key was reused for another request
    ├── PreconditionFailed  the record is not as the request expects it
    ├── TooMany            slow down; `retry_after` seconds
    └── Unavailable        a backend is throttling; `retry_after` seconds

A leaf has a stable `code` that clients may branch on, and stands in the file of its subject. The
family decides the HTTP status, in one table in `api/web/answers.py`. Messages are for gate
attendants and guests: they say what to do next."""

from __future__ import annotations

from chalicelib.domain.core.errors.accounts import *  # noqa: F403
from chalicelib.domain.core.errors.bookings import *  # noqa: F403
from chalicelib.domain.core.errors.families import *  # noqa: F403
from chalicelib.domain.core.errors.operations import *  # noqa: F403
from chalicelib.domain.core.errors.payments import *  # noqa: F403
from chalicelib.domain.core.errors.promos import *  # noqa: F403
from chalicelib.domain.core.errors.season_passes import *  # noqa: F403
from chalicelib.domain.core.errors.sites import *  # noqa: F403
from chalicelib.domain.core.errors.waitlist import *  # noqa: F403
