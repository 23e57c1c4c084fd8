from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.imports.imported import OldId
from chalicelib.services.core.deps import Deps
from chalicelib.store import imported
from local.importing import run
from local.importing.run import Options
from tests.world import World


@dataclass(frozen=True)
class Brought:
    """What an import printed, and its exit code."""

    code: int
    text: str

    @property
    def faults(self) -> list[str]:
        """The lines of faults, without the folder of the file."""
        lines = self.text.splitlines()
        return [line.rpartition("/")[2] for line in lines if ", line " in line]


Bring = Callable[..., Brought]
"""`bring({"bookings.csv": text}, **options)`: the files with their contents, and Options."""


@pytest.fixture
def bring(world: World, deps: Deps, tmp_path: Path) -> Bring:
    def once(files: dict[str, str | bytes], **options: Any) -> Brought:
        for name, content in files.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(raw)
        paths = [tmp_path / name for name in files]
        out = io.StringIO()
        code = run.run(deps, Options(paths, **({"apply": True} | options)), out)
        return Brought(code, out.getvalue())

    return once


def new_id(old_id: str, kind: str = "bookings", source: str = "berth") -> str | None:
    """The id that an old one got."""
    old = OldId(source, kind, old_id)
    return imported.find([old]).get(old)


def booking_of(deps: Deps, old_id: str, source: str = "berth") -> Booking:
    """The booking that an old id became."""
    found = new_id(old_id, source=source)
    assert found is not None, old_id
    return deps.bookings.get(found)
