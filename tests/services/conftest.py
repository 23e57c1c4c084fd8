from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import logs
from chalicelib.services.core.deps import Deps
from tests.fake_mailer import FakeMailer


@pytest.fixture
def mailer() -> FakeMailer:
    return FakeMailer()


@pytest.fixture
def office(deps: Deps, mailer: FakeMailer) -> Deps:
    """The outbox with that mailer."""
    return replace(deps, mailer=mailer)


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines of the log so far."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logs.JsonLines().format(record))

    handler, log = Keep(), logging.getLogger("berth")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in lines]
    log.removeHandler(handler)
    log.setLevel(level)
