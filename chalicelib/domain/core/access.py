"""Who may do what. Roles and site membership (docs/rules/accounts.md); the guards services call."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.core import errors


class Role(StrEnum):
    """What an account may be: `user` is a customer; `staff` and `owner` belong to named sites."""

    USER = "user"
    STAFF = "staff"
    OWNER = "owner"
    ADMIN = "admin"


@dataclass(frozen=True)
class Actor:
    """Whoever acts: an account, or the system itself (`account_id` is `system`). `address` is where
    they ask from, which makes nobody somebody else."""

    account_id: str
    role: Role
    sites: frozenset[str] = frozenset()
    name: str = ""
    source_ip: str = field(default="", compare=False)

    @property
    def locator(self) -> str:
        """The partition of the actor's own bookings."""
        return self.account_id.removeprefix("US")

    def works_at(self, site: str) -> bool:
        """Whether the actor is staff or owner of `site`, or an admin."""
        return self.role is Role.ADMIN or (
            self.role in (Role.STAFF, Role.OWNER) and site in self.sites
        )

    def runs(self, site: str) -> bool:
        """Whether the actor is owner of `site`, or an admin."""
        return self.role is Role.ADMIN or (self.role is Role.OWNER and site in self.sites)

    def owns(self, user_id: str | None) -> bool:
        return user_id is not None and user_id == self.account_id


SYSTEM = Actor("system", Role.ADMIN)


def require_works_at(actor: Actor, site: str) -> None:
    """Refuse (Forbidden) whoever does not work at the site."""
    if not actor.works_at(site):
        raise errors.Forbidden("You do not work at this site.", site=site)


def require_runs(actor: Actor, site: str) -> None:
    """Refuse (Forbidden) whoever does not run the site."""
    if not actor.runs(site):
        raise errors.Forbidden("Only an owner of this site may do this.", site=site)


def require_party(actor: Actor, *, user_id: str | None, site: str) -> None:
    """Refuse whoever is neither the customer of a booking nor staff of its site, with the same
    BookingNotFound as an unknown id: other people's ids reveal nothing."""
    if not (actor.owns(user_id) or actor.works_at(site)):
        raise errors.NotYours(site=site)
