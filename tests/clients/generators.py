"""The generators of clients, which `make clients` installs into build/."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from requirements import environment

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "clients"
LOCK = ROOT / "requirements" / "clients.txt"
PACKAGES = ROOT / "build" / "npm" / "node_modules"
ABSENT = "the generators of clients are not installed: run `make clients`"
REQUIRED = os.environ.get("CLIENTS") == "required"
"""Whether their absence is a failure, as in CI."""


def are_installed() -> bool:
    """Whether `make clients` was run to its end, with the present lock."""
    wanted = environment.stamp({"clients": LOCK})["clients"]
    return environment.read_stamp(FOLDER).get("clients") == wanted and (PACKAGES / ".bin").exists()


def python() -> Path:
    """The interpreter that has what the generated Python client needs."""
    return FOLDER / "bin" / "python"


def run(program: str | Path, *arguments: str | Path, within: Path, **environment: str) -> str:
    """Run a program of the generators' environment, and return what it wrote. It must succeed."""
    binaries = FOLDER / "bin"
    done = subprocess.run(
        [binaries / program, *arguments],
        cwd=within,
        env={"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def write_json(file: Path, content: Mapping[str, Any]) -> Path:
    """Write a document or a configuration, and return its path."""
    file.write_text(json.dumps(content))
    return file
