"""The commands of `python -m local`."""

from __future__ import annotations

import argparse
import getpass
import json
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from local import environment
from local.importing import command as importing
from local.lambdas import SweepError, invoke_sweep

_TIMEOUT = 120


class CommandError(Exception):
    """A command cannot be carried out. The text is one sentence: what is wrong and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line and return the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        code: int = chosen.command(chosen)
    except (CommandError, SweepError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="Berth on this machine. PORT is its port (default 8000), BERTH_DATA the folder "
        "that keeps its data (default .data), FRESH=1 deletes that data first, DYNAMODB_ENDPOINT "
        "names a DynamoDB engine to use in place of the embedded one.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="serve the whole product with demo data")
    run.set_defaults(command=_run)
    _add_sweep(commands)
    seed = commands.add_parser("seed", help="let the running server begin anew")
    seed.set_defaults(command=_seed)
    _add_clock(commands)
    _add_admin(commands)
    importing.add_to(commands)
    return parser


def _add_sweep(commands: Any) -> None:
    sweep = commands.add_parser("sweep", help="run one sweep now")
    sweep.add_argument("name", metavar="NAME", help="such as auto-checkout")
    sweep.add_argument("--dry-run", action="store_true", help="only show which bookings are due")
    sweep.add_argument("--stage", help="run it in AWS, in the stack berth-STAGE")
    sweep.set_defaults(command=_sweep)


def _add_clock(commands: Any) -> None:
    clock = commands.add_parser("clock", help="show or move the clock of the running server")
    move = clock.add_mutually_exclusive_group()
    move.add_argument("--advance", type=int, metavar="SECONDS", help="move it by this much")
    move.add_argument("--to", metavar="INSTANT", help="move it to 2026-12-01T08:00:00Z")
    clock.set_defaults(command=_clock)


def _add_admin(commands: Any) -> None:
    admin = commands.add_parser("admin", help="open the first account of a deployed stage")
    admin.add_argument("email", metavar="EMAIL")
    admin.add_argument("--stage", required=True, help="the stack is berth-STAGE")
    admin.set_defaults(command=_admin)


def _run(_: argparse.Namespace) -> int:
    from chalicelib.settings import SettingsError
    from local.data_folder import DataError
    from local.serving import StartError, serve

    port, folder, fresh = environment.port(), environment.data_folder(), environment.is_fresh()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve(port, folder, fresh=fresh)
    except (DataError, StartError, SettingsError) as problem:
        raise CommandError(problem) from None
    return 0


def _sweep(chosen: argparse.Namespace) -> int:
    if chosen.stage:
        summary = invoke_sweep(chosen.name, stage=chosen.stage, dry_run=chosen.dry_run)
    else:
        summary = _ask("POST", f"/_local/sweeps/{chosen.name}", {"dry_run": chosen.dry_run})
    return _show(summary)


def _seed(_: argparse.Namespace) -> int:
    return _show(_ask("POST", "/_local/reset", {}))


def _clock(chosen: argparse.Namespace) -> int:
    if chosen.advance is not None:
        return _show(_ask("POST", "/_local/clock", {"advance_seconds": chosen.advance}))
    if chosen.to is not None:
        return _show(_ask("POST", "/_local/clock", {"now": chosen.to}))
    return _show(_ask("GET", "/_local/clock"))


def _admin(chosen: argparse.Namespace) -> int:
    from chalicelib.domain.core.errors import Refusal
    from chalicelib.texts import sentences
    from local import credentials, first_admin
    from local.credentials import AwsError

    try:
        session = credentials.session()
        credentials.export(session)
        deps = first_admin.reach(chosen.stage, chosen.email, session)
        password = _new_password(chosen.email)
        account_id = first_admin.open_account(deps, chosen.stage, chosen.email, password)
    except AwsError as problem:
        raise CommandError(str(problem)) from None
    except Refusal as refusal:
        faults = sentences.worded(refusal.fields, "en")
        shown = "".join(f" {name} {what}." for name, what in faults.items())
        raise CommandError(sentences.in_words(refusal.wording, "en") + shown) from None
    print(f"{chosen.email} is an admin of berth-{chosen.stage} now ({account_id}).")
    return 0


def _new_password(email: str) -> str:
    try:
        password = getpass.getpass(f"A password for {email}: ")
        again = getpass.getpass("Once more: ")
    except (EOFError, KeyboardInterrupt):
        raise CommandError("\nNo password was given, and no account was opened.") from None
    if again != password:
        raise CommandError("The two passwords differ. No account was opened.")
    return password


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    url = environment.base_url(environment.port()) + path
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=_TIMEOUT) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        raise CommandError(refused.read().decode()) from None
    except urllib.error.URLError as problem:
        text = f"Nothing answers at {url} ({problem.reason}). Start it with: make run"
        raise CommandError(text) from None


def _show(answer: Any) -> int:
    print(json.dumps(answer, indent=2))
    return 0
