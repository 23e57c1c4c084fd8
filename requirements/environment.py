"""An environment as a folder: it is made beside the old one and put in its place when complete."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

STAMP: Final = "installed.json"
TAG: Final = str(sys.implementation.cache_tag)
"""Packages are installed for a minor version: `cpython-313`."""


def python(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "bin" / "python"


def beside(folder: Path) -> Path:
    """Where the next environment is made."""
    return folder.with_name(f"{folder.name}.new")


def stamp(locks: Mapping[str, Path]) -> dict[str, str]:
    """What an environment with these locks records: Python and hashes, no dates, because a
    checkout changes dates."""
    hashes = {name: hashlib.sha256(lock.read_bytes()).hexdigest() for name, lock in locks.items()}
    return {"python": TAG, **hashes}


def read_stamp(folder: Path) -> dict[str, str]:
    """What the environment records; nothing if it is missing or was not completed."""
    try:
        recorded: dict[str, str] = json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return recorded


def answers(folder: Path) -> bool:
    """Whether the interpreter starts and is of our minor version: the Python that an environment
    was made with may have been upgraded or removed since."""
    command = [str(python(folder)), "-c", "import sys; print(sys.implementation.cache_tag)"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.stdout.strip() == TAG


def complete(new: Path, folder: Path, recorded: Mapping[str, str]) -> None:
    """Stamp the environment `new` and put it in the place of `folder`."""
    _name_final_place(new, folder)
    (new / STAMP).write_text(json.dumps(recorded, indent=2))
    old = _old(folder)
    if os.path.lexists(folder):
        folder.rename(old)
    new.rename(folder)
    remove(old)


def recover(folder: Path) -> None:
    """Undo a replacement that was killed between its two renames, and remove what it left."""
    old = _old(folder)
    if os.path.lexists(old) and not os.path.lexists(folder):
        old.rename(folder)
    remove(old)
    remove(beside(folder))


def remove(path: Path) -> None:
    """Delete an environment as far as possible; of a link only the link."""
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def _old(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.old")


def _name_final_place(new: Path, folder: Path) -> None:
    """Rewrite the scripts, which name the interpreter by the path they were installed under."""
    for file in [new / "pyvenv.cfg", *(new / "bin").iterdir()]:
        if file.is_symlink() or not file.is_file():
            continue
        content = file.read_bytes()
        if bytes(new) in content:
            file.write_bytes(content.replace(bytes(new), bytes(folder)))
