from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from local import shortcut
from tests.conftest import Bench
from tests.faults.conftest import ground
from tests.faults.wire import dynamodb_clients

__all__ = ["ground"]


@pytest.fixture(autouse=True)
def short_way(bench: Bench) -> Iterator[None]:
    """Lives are long: where DynamoDB is in this process, straight to its tables."""
    with contextlib.ExitStack() as stack:
        if bench.aws.in_process:
            clients, region = dynamodb_clients(bench.deps), bench.deps.settings.region
            stack.enter_context(shortcut.taken(*clients, region=region))
        yield
