from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.install.checkout import Checkout, checkout_in


@pytest.fixture(scope="session")
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = checkout_in(tmp_path_factory.mktemp("checkout") / "my berth")
    done = made.install("run")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def checkout(_installed: Checkout, tmp_path: Path) -> Checkout:
    """A checkout whose `run` set is installed."""
    return Checkout(shutil.copytree(_installed.root, tmp_path / "my berth", symlinks=True))
