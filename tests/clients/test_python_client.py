"""A Python client, generated from the document, lives a booking's life over HTTP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients import generators
from tests.local_server import LocalServer

DRIVE = Path(__file__).parent / "python" / "drive.py"


@pytest.fixture(scope="module")
def client(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the generated package `berth_client`."""
    folder = tmp_path_factory.mktemp("python")
    names = {"package_name_override": "berth_client", "post_hooks": []}
    config = generators.write_json(folder / "config.json", names)
    generators.run(
        "openapi-python-client", "generate", "--path", document, "--config", config,
        "--meta", "none", "--output-path", folder / "berth_client", within=folder,
    )  # fmt: skip
    return folder


def test_it_books_parks_cancels_and_waits(client: Path, berth: LocalServer) -> None:
    said = generators.run(
        generators.python(), DRIVE, berth.address, within=client, PYTHONPATH=str(client)
    )
    assert said.splitlines() == ["parked, gave up a hall, claimed it, left the line"]


def test_its_types_are_those_that_its_user_reads(client: Path) -> None:
    checked = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--config-file=", "--strict", "--follow-imports=silent",
            f"--python-executable={generators.python()}",
            f"--cache-dir={client / 'cache'}", DRIVE,
        ],
        cwd=client,
        env={"MYPYPATH": str(client)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr
