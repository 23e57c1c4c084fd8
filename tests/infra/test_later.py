"""What a function of the bundle loads, and when."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chalicelib import routes
from chalicelib.api.web import route_index
from infra import package, rehearsal

NOT_FOR_A_BOOKING = {
    "api.accounts", "api.front_desk", "api.operations", "api.realtime", "api.sites", "api.stays",
    "api.waitlist", "domain.imports", "domain.operations", "gateways.mail", "gateways.passwords",
    "gateways.payments", "gateways.ses", "gateways.sockets", "gateways.webhooks", "pages",
    "rendering", "routes", "services.delivery", "services.front_desk", "services.housekeeping",
    "services.imports", "services.mail", "services.operations", "services.realtime.subscriptions",
    "services.sites", "store.audit", "store.counters", "store.events", "store.idempotency",
    "store.imported", "store.incidents", "store.ledger", "store.mailboxes", "store.shifts",
    "store.subscriptions", "store.tallies", "store.waitlist", "store.webhooks",
}  # fmt: skip
"""Modules below chalicelib, and packages with all that is in them."""

_STARTED = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
import app
ran = [name for name, module in sys.modules.items() if type(module).__name__ != "Later"]
print(json.dumps(ran))
"""

_EVERY_ROUTE = """
import json, socket, sys
sys.path.insert(0, sys.argv[1])
from app import app

def closed(*arguments, **named): raise OSError("closed")
socket.socket.connect = socket.getaddrinfo = closed

def answer(method, path):
    filled = path.replace("{", "").replace("}", "")
    context = {"requestId": "1", "identity": {"sourceIp": "127.0.0.1"}, "httpMethod": method}
    event = {
        "httpMethod": method, "path": filled, "resource": "/{proxy+}", "headers": {}, "body": None,
        "multiValueHeaders": {}, "pathParameters": {"proxy": filled[1:]}, "isBase64Encoded": False,
        "multiValueQueryStringParameters": None, "stageVariables": None, "requestContext": context,
    }
    status = app(event, None)["statusCode"]
    return [method, path, app.routes[path][method].view_name, status]

print(json.dumps([answer(*route) for route in json.loads(sys.argv[2])]))
"""

_THREADS = """
import later
from chalicelib import slow
from concurrent.futures import ThreadPoolExecutor
print("not yet")
with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda _: slow.LAST, range(4))))
"""

_BROKEN = """
import later
from chalicelib import broken
for _ in range(2):
    try:
        print(broken.FIRST)
    except OSError as error:
        print(error)
"""


@pytest.fixture(scope="module")
def bundle(packaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle as Lambda unpacks it."""
    folder = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(packaged / package.BUNDLE) as zipped:
        zipped.extractall(folder)
    return folder


def _index(bundle: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((bundle / package.INDEX).read_text())
    return read


def _run(script: str, bundle: Path, *arguments: str, **environment: str) -> Any:
    command = [sys.executable, "-B", "-c", script, str(bundle), *arguments]
    known = rehearsal.ENVIRONMENT | {"LOG_LEVEL": "CRITICAL"} | environment
    done = subprocess.run(
        command, cwd=bundle, env=known, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _inside(modules: list[str], parts: set[str]) -> set[str]:
    """Which of the modules are one of the parts, or in one of these packages."""
    ours = (name.removeprefix("chalicelib.") for name in modules if name.startswith("chalicelib."))
    return {
        name for name in ours for part in parts if name == part or name.startswith(f"{part}.")
    } - {"api.realtime"}  # an empty package, which `app` names


def test_a_booking_loads_nothing_of_other_subjects(bundle: Path, packaged: Path) -> None:
    command = [sys.executable, "-B", str(package.INFRA / "trial.py"), str(bundle)]
    command += [str(packaged / package.STEPS), "needs"]
    done = subprocess.run(command, env=rehearsal.ENVIRONMENT, capture_output=True, check=True)
    needed = json.loads(done.stdout)

    assert "chalicelib.services.bookings.decide" in needed
    assert _inside(needed, NOT_FOR_A_BOOKING) == set()


def test_the_function_of_the_api_starts_with_what_a_booking_needs(bundle: Path) -> None:
    first = set(_index(bundle)["first"])

    assert set(_run(_STARTED, bundle, _HANDLER="app.app")) >= first
    assert set(_run(_STARTED, bundle)) >= first


def test_the_other_functions_start_without_any_route(bundle: Path) -> None:
    started = _run(_STARTED, bundle, _HANDLER="app.outbox_stream")

    assert _inside(started, {"api.bookings", "services.bookings", "store"}) == set()
    assert _inside(started, NOT_FOR_A_BOOKING) == set()


def test_the_index_names_the_home_of_every_route_and_no_other(bundle: Path) -> None:
    assert _index(bundle)["homes"] == route_index.homes(routes.ALL)
    known = {
        (path, method) for path, methods in _index(bundle)["homes"].items() for method in methods
    }
    assert known == {(route.path, route.method) for route in routes.declared()}


def test_the_sources_have_no_index() -> None:
    assert route_index.read() == route_index.RouteIndex()


def test_every_route_answers_from_the_bundle(bundle: Path) -> None:
    declared = {(route.method, route.path): route for route in routes.declared()}
    asked = json.dumps(list(declared))

    for method, path, name, status in _run(_EVERY_ROUTE, bundle, asked):
        route = declared[method, path]
        assert name == route.name
        assert status not in (405, 415, 500), (method, path)
        assert status == 401 or not route.who or route.limit, (method, path)


def test_a_module_runs_once_when_it_is_first_used_and_whole_for_every_thread(
    tmp_path: Path,
) -> None:
    ours = tmp_path / "chalicelib"
    ours.mkdir()
    (ours / "__init__.py").write_text("")
    (ours / "slow.py").write_text("import time\nprint('run')\ntime.sleep(0.05)\nLAST = 1\n")
    (ours / "broken.py").write_text("FIRST = 1\nraise OSError('no')\n")

    assert _later(tmp_path, _THREADS) == "not yet\nrun\n[1, 1, 1, 1]\n"
    assert _later(tmp_path, _BROKEN) == "no\nno\n"


def _later(folder: Path, script: str) -> str:
    found = [str(package.INFRA), str(folder)]
    command = [sys.executable, "-B", "-c", f"import sys; sys.path[:0] = {found!r}; {script}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
