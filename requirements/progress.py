"""Show how far pip is, from the lines it prints; they differ a little from version to version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self, TextIO

ARRIVING: Final = re.compile(
    r"\s*(?:Downloading|Using cached|Processing) (?:\S*/)?"
    r"(?P<file>[\w.]+)-\d\S*\.(?:whl|zip|gz)(?:\s|$)"
    r"|Requirement already satisfied: (?P<present>[^=\s]+)=="
)
EVERY: Final = 10
"""Without a terminal, a line for each tenth package."""


@dataclass
class Progress:
    """Counts packages: in one line on a terminal, now and then in a line of its own elsewhere."""

    total: int
    out: TextIO
    done: int = 0

    def heed(self, line: str) -> None:
        """Take a line of pip's output."""
        if line.startswith("Ignoring "):  # a package for another platform
            self.total -= 1
        elif arriving := ARRIVING.match(line):
            self.done += 1
            name = (arriving["file"] or arriving["present"]).replace("_", "-")
            self._show(f"installing {self.done} of {self.total}: {name}", self.done % EVERY == 0)
        elif line.startswith("Installing collected packages"):
            self._show(f"unpacking {self.total} packages", True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.out.isatty():
            self.out.write("\n")

    def _show(self, text: str, milestone: bool) -> None:
        if self.out.isatty():
            self.out.write(f"\r\033[K  {text}")
        elif milestone:
            self.out.write(f"  {text}\n")
        self.out.flush()
