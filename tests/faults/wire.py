"""The wire to AWS, where it can break: at any call, before the call is made or after it was done.

A `Wire` listens to the botocore clients themselves, so whatever the code under test sends passes
by, in any engine. It first counts the calls of an undisturbed run; then it breaks them, one a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from chalicelib.services.core.deps import Deps
from tests.backend import dynamodb_clients

Fault = Literal["dies before", "dies after", "times out", "is throttled"]


def faults(at: int) -> tuple[Fault, ...]:
    """What can happen to the call number `at`: it does not arrive, or it is carried out and its
    answer is lost. To die before a call is to die after the previous one: only the first has
    both."""
    after: tuple[Fault, ...] = ("dies after", "times out", "is throttled")
    return after if at else ("dies before", *after)


class Died(BaseException):
    """The process has ended: nothing catches this, nothing runs after it."""


@dataclass
class Wire:
    """The calls that passed since `calls` was last cleared, and the one to break; `came_to_pass`
    says whether that one was carried out."""

    clients: tuple[Any, ...]
    calls: list[str] = field(default_factory=list)
    came_to_pass: bool = False
    _fault: Fault | None = None
    _at: int = -1

    @contextmanager
    def breaking(self, at: int, fault: Fault | None) -> Iterator[None]:
        """Break the call number `at` (from 0) by `fault`; None breaks nothing and only counts."""
        self.calls.clear()
        self.came_to_pass = False
        self._at, self._fault = at, fault
        try:
            yield
        finally:
            self._fault = None

    def before(self, model: Any, **_: Any) -> Any:
        self.calls.append(model.name)
        if not self._is_the_one():
            return None
        if self._fault == "dies before":
            raise Died
        return throttled(model.name) if self._fault == "is throttled" else None

    def after(self, model: Any, http_response: Any, **_: Any) -> None:
        if self._is_the_one():
            self.came_to_pass = http_response.status_code < 300
        if self._is_the_one() and self._fault == "dies after":
            raise Died
        if self._is_the_one() and self._fault == "times out":
            raise ReadTimeoutError(endpoint_url=model.name)

    def _is_the_one(self) -> bool:
        return self._fault is not None and len(self.calls) - 1 == self._at


@contextmanager
def tapped(deps: Deps) -> Iterator[Wire]:
    """A wire between `deps` and its AWS, DynamoDB and SES, for as long as the block runs."""
    wire = Wire((*dynamodb_clients(deps), deps.mailer._client))  # type: ignore[attr-defined]
    hooks = [("before-call", wire.before), ("after-call", wire.after)]
    try:
        for client in wire.clients:
            for event, hook in hooks:
                client.meta.events.register(event, hook)
        yield wire
    finally:
        for client in wire.clients:
            for event, hook in hooks:
                client.meta.events.unregister(event, hook)


def answer(code: str, *reasons: str) -> tuple[AWSResponse, dict[str, Any]]:
    """An error of DynamoDB as a client parses it, with the reasons of a cancelled transaction."""
    parsed = {
        "Error": {"Code": code, "Message": "injected"},
        "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return AWSResponse("wire://", 400, {}, None), parsed


def throttled(operation: str) -> tuple[AWSResponse, dict[str, Any]]:
    """Too many requests, as DynamoDB answers this operation."""
    if operation.startswith("Transact"):
        return answer("TransactionCanceledException", "None", "ThrottlingError")
    return answer("ProvisionedThroughputExceededException")
