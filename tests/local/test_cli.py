from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local import environment
from local.cli import main
from local.gateway import HttpRequest, HttpResponse, json_response, refusal
from local.server import Server

Asked = list[tuple[str, str, Any]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    """A server that notes what it is asked, at the port of the environment."""
    asked: Asked = []

    def answer(request: HttpRequest) -> HttpResponse:
        asked.append((request.method, request.target, json.loads(request.body or b"null")))
        if request.path.endswith("unknown"):
            return refusal(404, "SWEEP_NOT_FOUND", "There is no such sweep.")
        return json_response(200, {"answered": True})

    server = Server(0, answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("PORT", str(server.server_address[1]))
    yield asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("sweep outbox", ("POST", "/_local/sweeps/outbox", {"dry_run": False})),
        ("sweep outbox --dry-run", ("POST", "/_local/sweeps/outbox", {"dry_run": True})),
        ("seed", ("POST", "/_local/reset", {})),
        ("clock", ("GET", "/_local/clock", None)),
        ("clock --advance -60", ("POST", "/_local/clock", {"advance_seconds": -60})),
        (
            "clock --to 2027-01-01T00:00:00Z",
            ("POST", "/_local/clock", {"now": "2027-01-01T00:00:00Z"}),
        ),
    ],
)
def test_a_command_asks_the_server_that_runs(
    asked: Asked, capsys: pytest.CaptureFixture[str], line: str, request_: tuple[str, str, Any]
) -> None:
    assert main(line.split()) == 0
    assert asked == [request_]
    assert json.loads(capsys.readouterr().out) == {"answered": True}


def test_a_refusal_is_shown_and_fails(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "unknown"]) == 1
    assert "SWEEP_NOT_FOUND" in capsys.readouterr().err


def test_nobody_there_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "1")
    assert main(["clock"]) == 1
    assert "make run" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["many", "70000", "-1"])
def test_a_wrong_port_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], port: str
) -> None:
    monkeypatch.setenv("PORT", port)
    assert main(["clock"]) == 1
    assert "PORT must be a port number" in capsys.readouterr().err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in ("run", "sweep", "seed", "clock"))


def test_the_environment_needs_nothing_set_and_keeps_what_is(
    clean_environment: Callable[[str], str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_FROM", "me@example.com")
    monkeypatch.setenv("STAGE", "prod")
    environment.prepare(8123, lambda: "local:" + "k" * 40)
    assert clean_environment("STAGE") == "local"
    assert clean_environment("MAIL_FROM") == "me@example.com"
    assert clean_environment("BASE_URL") == "http://127.0.0.1:8123"
    assert clean_environment("SIGNING_KEYS") == "local:" + "k" * 40


def test_data_lies_in_the_repository_unless_another_folder_is_named(
    clean_environment: Callable[[str], str | None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert environment.data_folder() == Path(__file__).parents[2] / ".data"
    monkeypatch.setenv("BERTH_DATA", str(tmp_path / "mine"))
    assert environment.data_folder() == tmp_path / "mine"


def test_a_key_that_is_set_needs_no_other(
    clean_environment: Callable[[str], str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNING_KEYS", "mine:" + "k" * 40)
    environment.prepare(8123, lambda: pytest.fail("a key is set"))
    assert clean_environment("SIGNING_KEYS") == "mine:" + "k" * 40
