from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from chalicelib.settings import Settings, read
from local.engine import Embedded
from local.metering import Meter


@pytest.fixture(scope="package")
def engine_settings() -> Settings:
    return read(
        {
            "STAGE": "enginetest",
            "MAIL_FROM": "Berth <engine@example.com>",
            "BASE_URL": "http://127.0.0.1:1",
            "SIGNING_KEYS": "k1:" + "0" * 32,
        }
    )


@pytest.fixture(scope="package")
def _running(engine_settings: Settings) -> Iterator[Embedded]:
    with Embedded(engine_settings, Meter()) as engine:
        yield engine


@pytest.fixture
def engine(_running: Embedded) -> Embedded:
    """moto with Berth's tables, empty, under names of its own."""
    _running.clear()
    assert _running.meter is not None
    _running.meter.reset()
    return _running


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str | None]:
    """An environment of its own for the test, and how to look into it."""
    own: dict[str, str] = {}
    monkeypatch.setattr(os, "environ", own)
    return own.get
