"""An example of each body, for the OpenAPI document. `tests/access/test_examples.py` sends them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).with_name("request_examples.json")


def of(name: str) -> Any:
    """The example of the body with that name in the document."""
    return _read()[name]


@cache
def _read() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text()))
