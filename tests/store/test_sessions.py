from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import pytest

from chalicelib.services.core.deps import Deps
from chalicelib.store.sessions import Rotation
from local.metering import Meter
from tests.clock import NOON

pytestmark = pytest.mark.engine2
UNTIL = NOON + timedelta(days=7)
ID = "US7Q2M9X4T"


def rotate(
    deps: Deps, presented: str, current: str, *, session: str = "SE1", now: datetime = NOON
) -> Rotation | Literal["reused", "closed"]:
    return deps.sessions.rotate(
        ID, session, presented=presented, current=current, now=now, until=UNTIL
    )


def after(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_only_the_newest_refresh_token_of_a_session_is_good(deps: Deps) -> None:
    deps.sessions.open(ID, "SE1", "RT1", UNTIL)
    assert rotate(deps, "RT1", "RT2") == Rotation("RT2", NOON)
    assert rotate(deps, "RT1", "RT3", now=after(20)) == "reused"
    assert rotate(deps, "RT2", "RT3") == Rotation("RT3", NOON)
    assert rotate(deps, "RT1", "RT4", session="SE2") == "closed"
    assert not deps.sessions.is_open(ID, "SE2")


@pytest.mark.parametrize(
    ("presented", "seconds", "answer"),
    [
        ("RT1", 0, Rotation("RT2", NOON)),
        ("RT1", 19, Rotation("RT2", NOON)),  # the same, however often it is asked for
        ("RT1", 20, "reused"),
        ("RT0", 1, "reused"),  # never the one just replaced
    ],
)
def test_the_token_just_replaced_gets_the_same_rotation_for_twenty_seconds(
    deps: Deps, presented: str, seconds: int, answer: object
) -> None:
    deps.sessions.open(ID, "SE1", "RT1", UNTIL)
    rotate(deps, "RT1", "RT2")
    for new in ("RT3", "RT4"):
        assert rotate(deps, presented, new, now=after(seconds)) == answer


def test_a_token_that_was_replaced_before_the_last_one_is_reused_at_once(deps: Deps) -> None:
    deps.sessions.open(ID, "SE1", "RT1", UNTIL)
    rotate(deps, "RT1", "RT2")
    rotate(deps, "RT2", "RT3", now=after(1))
    assert rotate(deps, "RT1", "RT4", now=after(2)) == "reused"


def test_a_closed_session_stays_closed(deps: Deps) -> None:
    deps.sessions.open(ID, "SE1", "RT1", UNTIL)
    assert deps.sessions.is_open(ID, "SE1")
    rotate(deps, "RT1", "RT2")
    deps.sessions.close(ID, "SE1")
    deps.sessions.close(ID, "SE1")
    assert not deps.sessions.is_open(ID, "SE1")
    deps.sessions.forget_all()
    assert not deps.sessions.is_open(ID, "SE1")
    for presented in ("RT1", "RT2"):
        assert rotate(deps, presented, "RT3") == "closed"


def test_whether_a_session_is_open_is_read_once(deps: Deps, meter: Meter) -> None:
    deps.sessions.open(ID, "SE1", "RT1", UNTIL)
    deps.sessions.forget_all()
    meter.reset()
    for _ in range(3):
        assert deps.sessions.is_open(ID, "SE1")
    assert meter.snapshot().requests == {"GetItem": 1}
