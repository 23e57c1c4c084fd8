"""The command `import` of `python -m local`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

SYSTEMS: Final = ("berth", "parking", "timer", "venue", "hotel", "auto-checkout")

_EPILOG: Final = (
    "The name of a file begins with what is in it: bookings-2026.csv, customers.jsonl. Nothing is "
    "written without --apply, and nothing where a row is wrong. docs/migrate/import.md has the "
    "columns."
)


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "import", help="bring data over from another system", epilog=_EPILOG
    )
    add = command.add_argument
    add("files", metavar="FILE", nargs="+", type=Path, help="CSV or JSON lines")
    add("--stage", default="local", help="import into the stack berth-STAGE (default: local)")
    add("--from", dest="system", choices=SYSTEMS, default="berth", help="whose columns these are")
    add("--source", help="the name of the old system, where two of one kind are brought over")
    add("--site", help="the site of zones that name none")
    add("--zone", help="the zone of spaces and bookings that name none")
    add("--apply", action="store_true", help="write what was checked")
    add("--mail", action="store_true", help="mail the confirmations of live bookings")
    add("--all-faults", action="store_true", help="show every fault")
    command.set_defaults(command=_import)


def _import(chosen: argparse.Namespace) -> int:
    from local import stages
    from local.credentials import AwsError
    from local.data_folder import DataError
    from local.importing import run
    from local.importing.source_files import FileError

    options = run.Options(
        files=chosen.files,
        system=chosen.system,
        source=chosen.source,
        site=chosen.site,
        zone=chosen.zone,
        apply=chosen.apply,
        mail=chosen.mail,
        all_faults=chosen.all_faults,
    )
    try:
        with stages.opened(chosen.stage) as deps:
            return run.run(deps, options)
    except KeyboardInterrupt:
        raise ValueError("\nStopped. Run it again: it goes on from here.") from None
    except (AwsError, DataError, FileError) as problem:
        raise ValueError(str(problem)) from None
