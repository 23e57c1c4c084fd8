"""`python -m local run` where it cannot start: one sentence, exit code 1, nothing written."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local import data_folder
from local.cli import main
from local.data_file import NAME, DataFile


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An environment and signal handlers of its own."""
    monkeypatch.setattr(os, "environ", {"BERTH_DATA": str(tmp_path / "data"), "PORT": "0"})
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def port() -> Iterator[int]:
    """A port that is taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield int(taken.getsockname()[1])


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence that `run` ends with."""
    assert main(["run"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    return shown.err


def test_a_taken_port_is_named_with_a_free_one_to_try(
    capsys: pytest.CaptureFixture[str], port: int
) -> None:
    os.environ["PORT"] = str(port)
    expected = f"Port {port} is in use by another program: end it, or choose another port: "
    assert refused(capsys).startswith(f"{expected}make run PORT=")


def test_a_folder_in_use_is_named_with_its_process(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with data_folder.locked(tmp_path / "data"):
        assert f"Berth already runs on {tmp_path}/data/ (pid {os.getpid()})" in refused(capsys)


@pytest.mark.parametrize("fresh", ["0", "1"])
def test_a_damaged_file_is_named_and_kept_even_where_berth_is_to_begin_anew(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, fresh: str
) -> None:
    os.environ["FRESH"] = fresh
    file = tmp_path / "data" / NAME
    file.parent.mkdir()
    file.write_text("garbage")
    assert f"{file} is damaged" in refused(capsys)
    assert file.read_text() == "garbage"


def test_a_folder_that_cannot_be_made_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file")
    assert f"{tmp_path}/data cannot be written" in refused(capsys)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("FRESH", "yes", "FRESH must be 1 or 0, not 'yes'"),
        ("PORT", "many", "PORT must be a port number, not 'many'"),
        ("SIGNING_KEYS", "short", "SIGNING_KEYS must be"),
    ],
)
def test_a_wrong_variable_is_named(
    capsys: pytest.CaptureFixture[str], name: str, value: str, expected: str
) -> None:
    os.environ[name] = value
    assert expected in refused(capsys)


def test_a_start_that_fails_lets_go_of_folder_and_port(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    os.environ["SIGNING_KEYS"] = "short"
    refused(capsys)
    with (
        data_folder.locked(tmp_path / "data"),
        closing(DataFile.open(tmp_path / "data" / NAME)) as data,
    ):
        assert data.items() == []
