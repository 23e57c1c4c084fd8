"""The version of a record that an edit or a step is based on (docs/decisions/versions.md)."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.core import errors


@dataclass(frozen=True)
class Expected:
    """The versions that a record may have; None: any."""

    versions: frozenset[int] | None = None

    def require(self, version: int) -> None:
        """Refuse a record at another version. Raises VersionChanged."""
        if self.versions is not None and version not in self.versions:
            raise errors.VersionChanged()


ANY = Expected()
