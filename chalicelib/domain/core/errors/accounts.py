"""Refusals of signing in, accounts and API keys."""

from __future__ import annotations

from chalicelib.domain.core.errors.families import (
    AlreadyExists,
    Conflict,
    NotAuthenticated,
    NotFound,
    TooMany,
)


class TokenExpired(NotAuthenticated):
    code = "TOKEN_EXPIRED"


class BadCredentials(NotAuthenticated):
    code = "BAD_CREDENTIALS"


class RefreshReused(NotAuthenticated):
    code = "REFRESH_REUSED"


class LockedOut(TooMany):
    code = "LOCKED_OUT"


class AccountNotFound(NotFound):
    code = "ACCOUNT_NOT_FOUND"


class EmailTaken(AlreadyExists):
    code = "EMAIL_TAKEN"


class AddressNotVerified(Conflict):
    code = "EMAIL_NOT_VERIFIED"


class ApiKeyNotFound(NotFound):
    code = "API_KEY_NOT_FOUND"


class TooManyApiKeys(Conflict):
    code = "TOO_MANY_API_KEYS"
