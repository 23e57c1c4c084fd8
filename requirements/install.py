"""Install a locked list into its environment: `python -m requirements.install SET`, by its name.

Stages: read the stamp of the environment; if it is not this list's, make another environment
beside it, fill and check that, and put it in the place of the old one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from requirements import environment, pip_command
from requirements.pip_command import InstallError
from requirements.progress import Progress

ROOT: Final = Path(__file__).parents[1]
LOG: Final = "install.log"


@dataclass(frozen=True)
class PackageSet:
    """A locked list and the environment it is installed into. It may extend another set of the
    same environment, whose packages it lists too, in the same versions."""

    name: str
    folder: Path
    lock: Path
    megabytes: int
    extends: PackageSet | None = None


def package_sets(root: Path) -> dict[str, PackageSet]:
    """The sets of a checkout by name."""
    locks = root / "requirements"
    run = PackageSet("run", root / ".venv", locks / "run.txt", 155)
    dev = PackageSet("dev", root / ".venv", locks / "dev.txt", 600, run)
    tools = PackageSet("tools", root / "build" / "tools", locks / "tools.txt", 96)
    clients = PackageSet("clients", root / "build" / "clients", locks / "clients.txt", 430)
    return {each.name: each for each in (run, dev, tools, clients)}


def install(wanted: PackageSet, build: Path) -> None:
    """Make the environment hold `wanted`; do nothing, and ask no network, if it does already.
    The log is left in `build`. Raises InstallError or OSError; the old environment then stays."""
    if _holds(wanted):
        return
    build.mkdir(exist_ok=True)
    with _alone(build / "install.lock"):
        environment.recover(wanted.folder)
        if not _holds(wanted):
            _replace(wanted, build / LOG)


def _holds(wanted: PackageSet) -> bool:
    recorded = environment.read_stamp(wanted.folder)
    return _stamp(wanted).items() <= recorded.items() and environment.answers(wanted.folder)


def _stamp(of: PackageSet) -> dict[str, str]:
    within = [of] if of.extends is None else [of.extends, of]
    return environment.stamp({each.name: each.lock for each in within})


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the lock of this checkout; wait while another installation holds it."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another installation runs in this folder; waiting for its end.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replace(wanted: PackageSet, log_file: Path) -> None:
    new = environment.beside(wanted.folder)
    try:
        with log_file.open("w") as log:
            _fill(new, wanted, log)
        environment.complete(new, wanted.folder, _stamp(wanted))
    except BaseException:
        environment.remove(new)
        raise


def _fill(new: Path, wanted: PackageSet, log: TextIO) -> None:
    started = time.monotonic()
    print(
        f"Installing {wanted.lock.name} into {os.path.relpath(wanted.folder)} with Python "
        f"{sys.version.split()[0]}: about {wanted.megabytes} MB, once.",
        flush=True,
    )
    if _is_begun(wanted):
        shutil.copytree(wanted.folder, new, symlinks=True)
    else:
        pip_command.create_environment(new, log)
    with Progress(_entries(wanted.lock), sys.stdout) as progress:
        pip_command.install(environment.python(new), wanted.lock, log, progress.heed)
    print(f"Installed {progress.total} packages in {time.monotonic() - started:.0f} s.", flush=True)


def _is_begun(wanted: PackageSet) -> bool:
    """Whether the environment holds just the set that `wanted` extends, so that a copy of it has
    nothing that `wanted` does not list."""
    smaller, folder = wanted.extends, wanted.folder
    if smaller is None or folder.is_symlink():
        return False
    return environment.read_stamp(folder) == _stamp(smaller) and environment.answers(folder)


def _entries(lock: Path) -> int:
    lines = lock.read_text().splitlines()
    return sum("==" in line and not line.startswith((" ", "#")) for line in lines)


def main(arguments: Sequence[str]) -> int:
    """Install the set that is named. Return the exit code; a failure is a sentence on stderr."""
    sets = package_sets(ROOT)
    if len(arguments) != 1 or arguments[0] not in sets:
        return _fail(f"usage: python -m requirements.install {'|'.join(sets)}", 2)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    unchanged = f"Nothing was changed; the log is build/{LOG}."
    try:
        install(sets[arguments[0]], ROOT / "build")
    except KeyboardInterrupt:
        return _fail(f"Interrupted. {unchanged}", 130)
    except InstallError as problem:
        return _fail(f"{problem} {unchanged}", 1)
    except OSError as problem:
        return _fail(f"{pip_command.diagnosis([f'{problem}'])} {unchanged}", 1)
    return 0


def _fail(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
