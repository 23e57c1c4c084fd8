"""What follows a commit may fail, the request may not: its caller would take done for undone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from chalicelib import routes
from local.engine import Embedded
from tests.access import asking
from tests.access.conftest import Snapshot
from tests.access.given import TwoSites
from tests.access.table import TABLE, Row
from tests.client import Client, Reply
from tests.faults.wire import Wire, tapped

ROUTES = {f"{route.method} {route.path}": route for route in routes.declared()}
CLOSING = "a place is looked at again after it is marked as closed"
GO_ON = {
    "POST /api/admin/blackouts": "what it hits is read when it closes, and each is a step of its own",
    "DELETE /api/admin/sites/{slug}": CLOSING,
    "DELETE /api/admin/zones/{zone_id}": CLOSING,
    "DELETE /api/admin/spaces/{space_id}": CLOSING,
    "POST /api/auth/login": "a commit before the session opens only tidies the account",
}
"""Requests that do more after a commit, and go on where they are repeated."""

WRITES = [row for row in TABLE if row.method != "GET" and row.succeeds]


class Trial:
    """One request, asked anew in the same two sites, over a wire that breaks where it should."""

    def __init__(self, row: Row, restored: Callable[[], TwoSites]) -> None:
        self._row, self._restored = row, restored
        self.calls: list[str] = []

    def asked(self, broken: int | None = None) -> Reply:
        """The answer, where the call number `broken` is throttled; with a key, by an instance that
        has just started."""
        two_sites = self._restored()
        two_sites.world.deps.catalogue.forget()
        named = self._row.given(two_sites)
        caller = asking.signed_in(Client(two_sites.world), two_sites, asking.allowed(self._row))
        if ROUTES[self._row.route].once:
            caller = caller.sending(Idempotency_Key="one")
        deps = two_sites.world.deps
        deps.catalogue.forget()
        deps.accounts.forget_all()
        with tapped(deps) as wire, _breaking(wire, broken):
            answer = asking.ask(caller, self._row, named)
            self.calls = list(wire.calls)
        if answer.status == 503 and self._row.route in GO_ON:
            return asking.ask(caller, self._row, named)
        return answer


def _breaking(wire: Wire, broken: int | None) -> AbstractContextManager[None]:
    return wire.breaking(0, None) if broken is None else wire.breaking(broken, "is throttled")


@pytest.mark.parametrize("row", WRITES, ids=lambda row: f"{row.request} {row.given.__name__}")
def test_a_request_that_is_done_is_answered_as_done(
    row: Row, snapshot: Snapshot, aws: Embedded, two_sites: TwoSites
) -> None:
    def restored() -> TwoSites:
        return snapshot.restored(aws, two_sites.world.deps, two_sites.clock)

    trial = Trial(row, restored)
    done = trial.asked()
    assert done.status == row.status(asking.allowed(row)), done.body
    after = _after_the_last_commit(trial.calls)
    answers = {number: trial.asked(number).status for number in after}
    assert answers == dict.fromkeys(after, done.status), trial.calls


def _after_the_last_commit(calls: list[str]) -> range:
    """The calls that follow the last transaction; none where there was no transaction."""
    commits = [number for number, call in enumerate(calls) if call == "TransactWriteItems"]
    return range(commits[-1] + 1 if commits else len(calls), len(calls))
