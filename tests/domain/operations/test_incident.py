from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.operations.incident import Incident, IncidentKind
from tests.clock import NOON


def test_nothing_is_reported_before_it_happens() -> None:
    for late in (0, 60):
        at = NOON - timedelta(seconds=late)
        assert Incident("IN1", "x", IncidentKind.THEFT, "A bike.", at, NOON, "US1").version == 1
    soon = NOON + timedelta(seconds=1)
    with pytest.raises(errors.Invalid) as refused:
        Incident("IN1", "x", IncidentKind.THEFT, "A bike.", soon, NOON, "US1")
    assert set(refused.value.fields) == {"occurred_at"}
