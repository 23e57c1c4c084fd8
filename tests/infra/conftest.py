from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from moto.backends import get_backend

from infra import deploy, package
from infra.account import Account
from local import credentials
from tests.client import Client
from tests.infra.cloudformation import CloudFormation
from tests.infra.deployment import REGION, Deploy, add_bucket
from tests.infra.templates import ACCOUNT
from tests.world import World


@pytest.fixture
def client(world: World) -> Client:
    """A client that has not signed in."""
    return Client(world)


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make package` hands to CloudFormation, without the libraries: those of this process are
    used."""
    folder = tmp_path_factory.mktemp("package")
    (folder / "libraries").mkdir()
    package.package("dev", folder / "dev", libraries=folder / "libraries", flags=())
    return folder / "dev"


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


@pytest.fixture(scope="module")
def operator() -> Iterator[Any]:
    """The session of an operator."""
    with mock_aws(), pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_REGION", REGION)
        yield credentials.session()


@pytest.fixture
def session(operator: Any) -> Any:
    """The same, with a bucket in an account that is empty otherwise."""
    for service, place in (("s3", "aws"), ("secretsmanager", REGION), ("dynamodb", REGION)):
        get_backend(service)[ACCOUNT][place].reset()  # type: ignore[call-overload]
    add_bucket(operator, "bundles", REGION)
    return operator


@pytest.fixture
def cloud(session: Any) -> Iterator[CloudFormation]:
    cloud = CloudFormation(session)
    yield cloud
    cloud.close()


@pytest.fixture
def out(packaged: Path, tmp_path: Path) -> Path:
    """A package that a test may change."""
    return Path(shutil.copytree(packaged, tmp_path / "dev"))


@pytest.fixture
def run(session: Any, cloud: CloudFormation, out: Path) -> Deploy:
    def run(**environment: str) -> list[str]:
        lines: list[str] = []
        order = deploy.read({"STAGE": "dev", **environment})
        deploy.deploy(order, Account.of(session, lines.append, cloud.tick), lambda: out)
        return lines

    return run
