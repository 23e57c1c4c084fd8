"""`python -m local import`, on the data of this machine and on a deployed stage."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalicelib.services.core.deps import Deps
from local import credentials, data_folder, stages
from local.cli import main
from tests.local.importing.conftest import new_id
from tests.world import World

ROOT = Path(__file__).parents[3]
BOOKINGS = "id,status,start,space\n1,completed,2025-11-25 10:00,zone-a.A-001\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bookings.csv"
    path.write_text(BOOKINGS)
    return path


def command(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, on the data in `folder`."""
    environment = {name: text for name, text in os.environ.items() if name != "DYNAMODB_ENDPOINT"}
    return subprocess.run(
        [sys.executable, "-m", "local", "import", *map(str, arguments)],
        cwd=ROOT,
        env=environment | {"BERTH_DATA": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_imported_on_this_machine_is_kept(file: Path, tmp_path: Path) -> None:
    first = command(tmp_path / "data", file, "--apply")
    assert (first.returncode, first.stdout) == (0, "bookings: 1 rows\nbookings: 1 written\n")
    again = command(tmp_path / "data", file, "--apply")
    assert again.stdout.startswith("bookings: 1 rows, 1 of them brought over before\n")


def test_data_that_a_running_berth_has_is_left_alone(file: Path, tmp_path: Path) -> None:
    with data_folder.locked(tmp_path / "data"):
        refused = command(tmp_path / "data", file, "--apply")
    assert refused.returncode == 1
    assert f"Berth already runs on {tmp_path / 'data'}/ (pid {os.getpid()}): end it first" in (
        refused.stderr
    )


def test_a_deployed_stage_is_written_with_the_credentials_of_the_operator(
    world: World, deps: Deps, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[tuple[str, Any]] = []

    def deployed(stage: str, session: Any) -> Deps:
        reached.append((stage, session))
        return deps

    monkeypatch.setattr(stages, "deployed", deployed)
    monkeypatch.setattr(credentials, "session", lambda: "the operator's")
    monkeypatch.setattr(credentials, "export", lambda session: None)
    assert main(["import", str(file), "--stage", "prod", "--apply"]) == 0
    assert reached == [("prod", "the operator's")]
    assert new_id("1") is not None


def test_a_file_of_no_kind_is_refused_before_anything_is_read(
    tmp_path: Path, deps: Deps, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stages, "deployed", lambda stage, session: deps)
    monkeypatch.setattr(credentials, "session", lambda: None)
    monkeypatch.setattr(credentials, "export", lambda session: None)
    assert main(["import", str(tmp_path / "export.csv"), "--stage", "prod"]) == 1
    assert "export.csv must begin with one of zones" in capsys.readouterr().err
