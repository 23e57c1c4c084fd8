"""Mails as the outbox sends them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.domain.mail.message import Message
from chalicelib.services.core.deps import Deps
from tests.batches import sweep
from tests.clock import Clock
from tests.fake_mailer import FakeMailer

Post = Callable[[], list[Message]]


@pytest.fixture
def post(office: Deps, mailer: FakeMailer, clock: Clock) -> Post:
    """Let the outbox be emptied, three minutes later; the mails since the last time."""

    def once() -> list[Message]:
        before = len(mailer.sent)
        clock.move(minutes=3)
        sweep(office)
        return mailer.sent[before:]

    return once
