"""One import: which files, checked, shown, and written if that was asked for."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from chalicelib.domain.core import errors
from chalicelib.services.core.deps import Deps
from chalicelib.texts import sentences
from local.importing import staging as stagings
from local.importing import trail
from local.importing.bringing import WRITTEN, Bringing, quietly
from local.importing.checking import Check, SourceFile
from local.importing.people import People
from local.importing.places import Places
from local.importing.resolving import Resolver
from local.importing.rows import KINDS
from local.importing.source_files import FileError
from local.importing.staging import Staging
from local.importing.systems import SYSTEMS

SHOWN: Final = 50
"""Faults shown, unless all are asked for."""

OURS: Final = "berth"
"""The name of the documented columns among the systems."""


@dataclass(frozen=True)
class Options:
    """What the command line asks for. `system` names the mapping, `source` the old ids."""

    files: Sequence[Path]
    system: str = OURS
    source: str | None = None
    site: str | None = None
    zone: str | None = None
    apply: bool = False
    mail: bool = False
    all_faults: bool = False


class Progress:
    """A line that is written anew on a terminal, and seldom elsewhere."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._since = time.monotonic()
        self._last = -1.0

    def __call__(self, what: str, count: int) -> None:
        """Show how far it is, at most once a second; every ten where nobody watches."""
        passed = time.monotonic() - self._since
        pause = 1 if self._out.isatty() else 10
        if passed - self._last < pause:
            return
        self._last = passed
        end = "\r" if self._out.isatty() else "\n"
        print(f"{what}: {count:,} rows, {passed:.0f} s", end=end, file=self._out, flush=True)


def source_file(path: Path, system: str) -> SourceFile:
    """A file with its kind, which its name begins with: `bookings-2026.csv`, `session.jsonl`.
    Raises FileError."""
    word = re.split(r"[^a-z]", path.name.lower(), maxsplit=1)[0]
    if system == OURS:
        if word in KINDS:
            return SourceFile(path, word)
        names = ", ".join(KINDS)
    else:
        models = SYSTEMS[system]
        for name in (word, word.removesuffix("s")):
            if name in models:
                return SourceFile(path, models[name].kind, models[name])
        names = ", ".join(models)
    raise FileError(f"{path.name} must begin with one of {names}: that says what is in it.")


def run(deps: Deps, options: Options, out: TextIO = sys.stdout) -> int:
    """Check the files, and write them if that is asked for and nothing is wrong. Returns the exit
    code. Raises FileError."""
    files = [source_file(path, options.system) for path in options.files]
    source = options.source or options.system
    with stagings.opened() as staging:
        places = Places(deps, staging, source, options.zone)
        people = People(deps, staging, source)
        resolver = Resolver(deps, staging, places, source)
        defaults = {"site": options.site} if options.site else {}
        progress = Progress(sys.stderr)
        Check(deps, staging, places, people, resolver, files, defaults, progress).run()
        found = staging.count_faults()
        _show_counts(staging, out)
        if found:
            _show_faults(staging, found, out, all_of_them=options.all_faults)
            return 1
        if not options.apply:
            print("Nothing is wrong. Nothing was written: add --apply to write it.", file=out)
            return 0
        quiet = quietly(deps)
        bringing = Bringing(
            quiet, staging, places, people, _on(quiet, resolver), progress, options.mail
        )
        return _bring(bringing, source, options.files, out)


def _on(deps: Deps, resolver: Resolver) -> Resolver:
    return Resolver(deps, resolver.staging, resolver.places, resolver.source)


def _bring(bringing: Bringing, source: str, files: Sequence[Path], out: TextIO) -> int:
    staging = bringing.staging
    left = {kind: staging.count(kind, done=False) for kind in WRITTEN}
    if any(left.values()):
        trail.begun(bringing.deps, source, files, left)
    try:
        written = bringing.run()
    except errors.Refusal as refusal:
        print(f"Stopped: {_why(refusal)} Run it again: it goes on from here.", file=out)
        return 1
    if any(written.values()):
        trail.ended(bringing.deps, source, files, written)
    _show_written(written, out)
    return 0


def _why(refusal: errors.Refusal) -> str:
    faults = sentences.worded(refusal.fields, "en")
    parts = (f"{name} {fault}." for name, fault in faults.items())
    return " ".join((sentences.in_words(refusal.wording, "en"), *parts))


def _show_counts(staging: Staging, out: TextIO) -> None:
    for kind in KINDS:
        if count := staging.count(kind):
            done = staging.count(kind, done=True)
            there = f", {done:,} of them brought over before" if done else ""
            print(f"{kind}: {count:,} rows{there}", file=out)


def _show_faults(staging: Staging, found: int, out: TextIO, *, all_of_them: bool) -> None:
    for number, (file, line, field, what) in enumerate(staging.faults()):
        if number == SHOWN and not all_of_them:
            print(f"and {found - SHOWN:,} more: --all-faults shows them", file=out)
            break
        print(f"{file}, line {line}, {field}: {what}", file=out)
    faults = "1 fault" if found == 1 else f"{found:,} faults"
    print(f"{faults}. Nothing was written.", file=out)


def _show_written(written: Mapping[str, int], out: TextIO) -> None:
    for kind in WRITTEN:
        if written[kind]:
            print(f"{kind}: {written[kind]:,} written", file=out)
    if not any(written.values()):
        print("Everything is here already. Nothing was written.", file=out)
