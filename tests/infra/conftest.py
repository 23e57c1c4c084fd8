from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from infra import package
from tests.client import Client
from tests.world import World


@pytest.fixture
def client(world: World) -> Client:
    """Somebody who has not signed in."""
    return Client(world)


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make package` hands to CloudFormation, without the libraries."""
    out = tmp_path_factory.mktemp("package") / "dev"
    package.package("dev", out, libraries=None)
    return out


@pytest.fixture
def template(packaged: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads((packaged / package.TEMPLATE).read_text())
    return parsed


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a region and without credentials of AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
