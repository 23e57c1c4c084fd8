"""The events of one second are listed in the order in which they were made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.core.access import Actor, Role
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.operations import audit_trail
from tests.clock import NOON, Clock
from tests.world import World

pytestmark = pytest.mark.engine2

ADMIN = Actor("USADMIN001", Role.ADMIN)
SUBJECTS = [f"S{number:02}" for number in range(30)]


def note(deps: Deps, subject: str, site: str | None = None) -> None:
    deps.audit.append(
        audit_events.event(deps, actor=ADMIN, action="seen", subject=subject, site=site)
    )


def listed(deps: Deps, limit: int) -> list[str]:
    """The subjects of the day, newest first, page by page."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = audit_trail.list_day(deps, ADMIN, None, NOON.date(), limit=limit, after=after)
        found += [event.subject for event in page.records if event.action == "seen"]
        after = page.after
        if after is None:
            return found


@pytest.mark.parametrize("limit", [7, 100])
def test_events_of_one_second_keep_their_order_on_every_page(
    world: World, deps: Deps, clock: Clock, limit: int
) -> None:
    for number, subject in enumerate(SUBJECTS):
        note(deps, subject, "central" if number % 3 else None)
    clock.move(seconds=1)
    note(deps, "later")
    assert listed(deps, limit) == ["later", *SUBJECTS[::-1]]


def test_events_of_several_threads_have_ids_of_their_own(deps: Deps) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda subject: note(deps, subject), SUBJECTS))
    assert sorted(listed(deps, 100)) == SUBJECTS
