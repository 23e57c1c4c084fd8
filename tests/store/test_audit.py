from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.core.audit import AuditEvent
from chalicelib.services.core.deps import Deps
from tests.clock import NOON

pytestmark = pytest.mark.engine2

EVENT = AuditEvent("AE1", NOON, "US7Q2M9X4T", "login", "US7Q2M9X4T", source_ip="203.0.113.9")
FULL = replace(EVENT, event_id="AE2", site="central", outcome="FORBIDDEN", detail="why")
TODAY = NOON.date()


def test_an_event_is_read_as_it_was_written(deps: Deps) -> None:
    for event in (EVENT, FULL):
        deps.audit.append(event)
        assert deps.audit.list_day(event.site, TODAY, 10).events == (event,)


def test_a_day_is_listed_newest_first_page_by_page(deps: Deps) -> None:
    events = [replace(EVENT, event_id=f"AE{n}") for n in range(5)]
    for event in events:
        deps.audit.append(event)
    first = deps.audit.list_day(None, TODAY, 3)
    assert [event.event_id for event in first.events] == ["AE4", "AE3", "AE2"]
    assert first.next == "AE2"
    rest = deps.audit.list_day(None, TODAY, 3, first.next)
    assert [event.event_id for event in rest.events] == ["AE1", "AE0"]
    assert rest.next is None


def test_sites_and_days_do_not_mix(deps: Deps) -> None:
    deps.audit.append(EVENT)
    assert deps.audit.list_day("central", TODAY, 10).events == ()
    assert deps.audit.list_day(None, TODAY + timedelta(days=1), 10).events == ()
