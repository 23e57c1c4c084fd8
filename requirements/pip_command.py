"""Run pip and venv: their output into a log, progress for people, a sentence when they fail."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TextIO

CAUSES: Final = (
    (
        r"No space left on device",
        "The disk is full, that of this folder or that of TMPDIR. Free some space and try again.",
    ),
    (
        r"DO NOT MATCH THE HASHES[\s\S]*?\n\s+(?P<what>[^\s=]+==\S+)",
        "{what} is not the file that was locked: its hash differs. Check the package index "
        "(PIP_INDEX_URL), empty pip's cache (pip cache purge) and try again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "The certificate of the package index is not trusted. Name your organisation's "
        "certificates in PIP_CERT and try again.",
    ),
    (
        r"Retrying \(|NewConnectionError|ReadTimeoutError|Name or service not known",
        "The package index does not answer. Check network and proxy and try again.",
    ),
    (
        r"No matching distribution found for (?P<what>\S+)",
        "There is no ready-made {what} for this Python and this machine. Name another Python "
        "(PYTHON=/path/to/python3.13), or let pip build it (PIP_ONLY_BINARY=:none:).",
    ),
)
"""What the output of a failed command shows, and what to do about it; the first that is found."""

TAIL: Final = 15
"""Lines of output that are shown where the cause is not among these."""


class InstallError(Exception):
    """Nothing was installed; the text says why and what to do."""


def create_environment(folder: Path, log: TextIO) -> None:
    """Make an environment with the pip that this Python brings. Raises InstallError."""
    _run([sys.executable, "-I", "-m", "venv", "--prompt", "berth", str(folder)], log)


def install(python: Path, lock: Path, log: TextIO, heed: Callable[[str], None]) -> None:
    """Install what `lock` lists and nothing else: nothing is resolved, each file has its hash.
    Raises InstallError."""
    options = ["--no-deps", "--require-hashes", "--no-input", "--no-user", "--progress-bar", "off"]
    _run([*_pip(python), "install", *options, "-r", str(lock)], log, heed)
    _run([*_pip(python), "check"], log)


def diagnosis(output: Sequence[str]) -> str:
    """What to do about a command that failed with this output; its end where nothing is known."""
    text = "".join(output)
    for pattern, advice in CAUSES:
        if found := re.search(pattern, text):
            return advice.format_map(found.groupdict())
    return f"{''.join(output[-TAIL:]).rstrip()}\nInstalling failed: the lines above say why."


def _run(
    command: Sequence[str], log: TextIO, heed: Callable[[str], None] = lambda line: None
) -> None:
    """Run a command; each line of its output goes into the log and to `heed`. Raises InstallError
    with a sentence on the cause when it fails."""
    output = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", env=_environment(),
    ) as process:  # fmt: skip
        assert process.stdout
        try:
            for line in process.stdout:
                output.append(line)
                log.write(line)
                heed(line)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise InstallError(diagnosis(output))


def _pip(python: Path) -> list[str]:
    return [str(python), "-I", "-m", "pip", "--disable-pip-version-check"]


def _environment() -> dict[str, str]:
    """Built by their projects only: a build here would resolve what it needs from the index."""
    return {"PIP_ONLY_BINARY": ":all:", **os.environ}
