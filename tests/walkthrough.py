"""The code that a page asks its reader to run: ```sh and ```python blocks, and what they print.

A ```text block right after one of these is its output. In it `…` stands for anything on that line.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

PRINTED_ADDRESS = "http://127.0.0.1:8000"
"""The address in the pages; a test puts its own server's in its place."""

TIMEOUT = 120
"""Seconds a block may take before the test fails."""

_BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One block of a page. `heading` is the nearest bold text or heading above it."""

    heading: str
    language: str
    code: str
    output: str | None

    def __str__(self) -> str:
        return self.heading


def steps(page: str) -> list[Step]:
    """The blocks of a page in its order.

    >>> page = "**Add.**\\n```sh\\necho $((1 + 1))\\n```\\n```text\\n2\\n```\\n"
    >>> steps(page)
    [Step(heading='Add', language='sh', code='echo $((1 + 1))\\n', output='2\\n')]
    """
    return list(_steps(page))


def _steps(page: str) -> Iterator[Step]:
    for block, following in pairwise([*_BLOCK.finditer(page), None]):
        assert block is not None
        if block[1] != "text":
            output = following[2] if following and following[1] == "text" else None
            yield Step(_heading(page[: block.start()]), block[1], block[2], output)


def _heading(above: str) -> str:
    found = re.findall(r"^#+ (.+)$|\*\*(.+?)\.?\*\*", above, re.MULTILINE)
    return next((title or bold for title, bold in reversed(found)), "")


def run(step: Step, *, setup: str, address: str, folder: Path) -> str:
    """Run `step` in `folder` after the shell code `setup`, against the server at `address`, and
    return what it prints. Raises AssertionError if the step fails."""
    interpreter = ["bash", "-euo", "pipefail", "-c"] if step.language == "sh" else ["python3", "-c"]
    code = setup + step.code
    done = subprocess.run(
        [*interpreter, code.replace(PRINTED_ADDRESS, address)],
        cwd=folder,
        env={"PATH": _path(), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, f"{step}: {done.stdout}{done.stderr}"
    return done.stdout


def _path() -> str:
    """PATH with this Python's `python3` in front."""
    for program in ("bash", "curl"):
        assert shutil.which(program), f"The pages need {program}. Install it: apt install {program}"
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


def is_like(printed: str, documented: str) -> bool:
    """Whether `printed` is what a page documents.

    >>> is_like("Space A-004 is yours.\\n", "Space … is yours.\\n")
    True
    >>> is_like("Space A-004\\nis yours.\\n", "Space … is yours.\\n")
    False
    """
    pattern = ".*".join(re.escape(part) for part in documented.split("…"))
    return re.fullmatch(pattern, printed) is not None
