"""In whose name something is booked."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, TypeVar

from chalicelib.domain.bookings.booking import Guest
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core.deps import Deps


class Named(Protocol):
    """Whatever says for whom something is booked."""

    @property
    def owner_name(self) -> str | None: ...
    @property
    def guests(self) -> tuple[Guest, ...]: ...


N = TypeVar("N", bound=Named)


def in_name_of(deps: Deps, user_id: str | None, zone: Zone, said: N) -> N:
    """`said` (a dataclass) in the name of the customer who books a room and names nobody: the desk
    asks who comes."""
    if user_id is None or zone.kind != "room" or said.owner_name or said.guests:
        return said
    named: N = replace(said, owner_name=deps.accounts.known(user_id).name)  # type: ignore[type-var]
    return named
