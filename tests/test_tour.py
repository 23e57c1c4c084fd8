"""The README's tour and the quickstart do what they say, run as a reader runs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests import walkthrough
from tests.local_server import ROOT, LocalServer
from tests.walkthrough import Step

SETUP, *TOUR = walkthrough.steps((ROOT / "README.md").read_text())
QUICKSTART = walkthrough.steps((ROOT / "docs" / "quickstart.md").read_text())

ORDERS = {
    "as written": TOUR,
    "backwards, each twice": [step for step in reversed(TOUR) for _ in range(2)],
}
NEXT = "== the next block\n"


@pytest.fixture(scope="module")
def running() -> Iterator[LocalServer]:
    berth = LocalServer()
    yield berth
    berth.end()


@pytest.fixture
def berth(running: LocalServer) -> LocalServer:
    """The local runtime with fresh demo data."""
    running.reset()
    return running


def test_the_tour_shows_each_trade() -> None:
    assert [step.heading for step in TOUR] == [
        "Park", "Forget a car", "Wait in line", "Clean a room", "Listen",
    ]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_the_tour_works_in_any_order(
    order: Sequence[Step], berth: LocalServer, tmp_path: Path
) -> None:
    for step in order:
        assert_works(step, berth, tmp_path, setup=SETUP.code)


def test_the_quickstart_works_from_top_to_bottom(berth: LocalServer, tmp_path: Path) -> None:
    shell = [step for step in QUICKSTART if step.language == "sh"]
    code = f"printf '{NEXT}'\n".join(step.code for step in shell)
    output = NEXT.join(step.output or "" for step in shell)
    assert_works(Step("the shell of the quickstart", "sh", code, output), berth, tmp_path)
    [client] = [step for step in QUICKSTART if step.language == "python"]
    assert_works(client, berth, tmp_path)


def assert_works(step: Step, berth: LocalServer, folder: Path, *, setup: str = "") -> None:
    """Run a step; assert that it prints what its page says."""
    printed = walkthrough.run(step, setup=setup, address=berth.address, folder=folder)
    assert walkthrough.is_like(printed, step.output or ""), f"{step} prints:\n{printed}"
    berth.done("GET", "/_local/stats")  # delivers what waits, as the pause of a reader does
