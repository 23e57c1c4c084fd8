from __future__ import annotations

from tests.faults.conftest import ground

__all__ = ["ground"]
