"""DynamoDB's errors as refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException

from chalicelib.domain.core import errors

_BUSY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Error codes, and codes of the reasons why a transaction was cancelled. The conflict here is that
of a single read or write with a transaction; one between transactions is a stale version."""

RETRY_AFTER = 1
"""Seconds after which a client should repeat a request that a busy table refused."""


def is_busy(code: str | None) -> bool:
    """Whether an error code means that DynamoDB is busy."""
    return code in _BUSY


@contextmanager
def translated() -> Iterator[None]:
    """Raise Unavailable for throttling, timeouts and lost connections; other errors pass."""
    try:
        yield
    except PynamoDBException as error:
        # in this order: PynamoDB trips over the code of a timeout, which has none
        if isinstance(error.cause, BotoCoreError) or is_busy(error.cause_response_code):
            raise errors.Unavailable(retry_after=RETRY_AFTER) from error
        raise
    except BotoCoreError as error:
        raise errors.Unavailable(retry_after=RETRY_AFTER) from error
