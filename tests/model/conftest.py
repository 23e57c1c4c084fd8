from __future__ import annotations

from tests.faults.conftest import harness

__all__ = ["harness"]
