"""A TypeScript client, generated from the document, lives a booking's life over HTTP."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.clients import generators
from tests.local_server import LocalServer

PROGRAM = Path(__file__).parent / "typescript"


@pytest.fixture(scope="module")
def client(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program, the generated types and their packages."""
    folder = tmp_path_factory.mktemp("typescript")
    for name in ("package.json", "tsconfig.json", "drive.ts"):
        shutil.copy(PROGRAM / name, folder)
    (folder / "node_modules").symlink_to(generators.PACKAGES)
    # a field with a default may be left out of a request
    node(folder, "openapi-typescript", document, "-o", "berth.ts", "--default-non-nullable=false")
    node(folder, "tsc")
    return folder


def node(folder: Path, program: str, *arguments: str | Path) -> str:
    return generators.run("node", generators.PACKAGES / ".bin" / program, *arguments, within=folder)


def test_it_is_compiled_and_books_parks_cancels_and_waits(client: Path, berth: LocalServer) -> None:
    said = generators.run("node", "built/drive.js", berth.address, within=client)
    assert said.splitlines() == ["parked, gave up a hall, claimed it, left the line"]
