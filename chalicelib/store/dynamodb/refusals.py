"""Where DynamoDB's errors become refusals."""

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
"""Error codes, and the codes of the reasons for which a transaction was cancelled. A conflict is
that of a single read or write with a transaction; one between transactions is a stale version."""

RETRY_AFTER = 1
"""Seconds a client should wait before it repeats what a throttled table refused."""


def is_busy(code: str | None) -> bool:
    """Whether DynamoDB's error code means: not now."""
    return code in _BUSY


@contextmanager
def translated() -> Iterator[None]:
    """Throttling, timeouts and lost connections become Unavailable; the rest stays what it is."""
    try:
        yield
    except PynamoDBException as error:
        # in this order: PynamoDB trips over the code of a timeout, which has none
        if isinstance(error.cause, BotoCoreError) or is_busy(error.cause_response_code):
            raise errors.Unavailable(retry_after=RETRY_AFTER) from error
        raise
    except BotoCoreError as error:
        raise errors.Unavailable(retry_after=RETRY_AFTER) from error
