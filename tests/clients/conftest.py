"""The document, a server that keeps its promises, and the generators that read it.

Without the generators these tests are skipped, and say so; in CI they fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib import routes
from chalicelib.api.web import openapi_document
from tests.clients import generators
from tests.local_server import LocalServer

collect_ignore = ["python", "typescript"]
"""Programs that import a generated client."""


@pytest.fixture(scope="package", autouse=True)
def _tools() -> None:
    if not generators.are_installed():
        (pytest.fail if generators.REQUIRED else pytest.skip)(generators.ABSENT)


@pytest.fixture(scope="package")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The OpenAPI document as a file."""
    contract = openapi_document.document(routes.declared())
    return generators.write_json(tmp_path_factory.mktemp("contract") / "openapi.json", contract)


@pytest.fixture
def berth() -> Iterator[LocalServer]:
    """The local runtime with demo data."""
    with LocalServer() as server:
        yield server
