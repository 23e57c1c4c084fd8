"""Who runs this deployment of Berth, as its mails name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Operator:
    """Its name, how guests reach it where a site has no contact, and the address of the app in
    which they book."""

    name: str = "Berth"
    contact: str = ""
    app_url: str = ""


BERTH: Final = Operator()
"""An operator without a name and a contact."""
