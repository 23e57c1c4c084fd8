"""The way to the first booking that docs/operate/deploy.md describes, against the local runtime."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.demo import PASSWORD
from tests import walkthrough
from tests.local_server import ROOT, LocalServer

[STEP] = walkthrough.steps((ROOT / "docs/operate/deploy.md").read_text())


@pytest.fixture
def berth() -> Iterator[LocalServer]:
    berth = LocalServer()
    yield berth
    berth.end()


def test_an_admin_opens_a_place_and_books(berth: LocalServer, tmp_path: Path) -> None:
    known = f"B={berth.address}\nEMAIL=admin@example.com\nPASSWORD={PASSWORD}\n"
    printed = walkthrough.run(STEP, setup=known, address=berth.address, folder=tmp_path)
    assert walkthrough.is_like(printed, STEP.output or ""), printed
