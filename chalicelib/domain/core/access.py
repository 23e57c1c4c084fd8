"""Roles, site membership (docs/rules/accounts.md), and the guards that services call."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import Wording, say


class Role(StrEnum):
    """The role of an account: `user` is a customer; `staff` and `owner` belong to named sites."""

    USER = "user"
    STAFF = "staff"
    OWNER = "owner"
    ADMIN = "admin"


class KeyScope(StrEnum):
    """What an API key is for (docs/decisions/api-keys.md)."""

    SCANS = "scans"
    READS = "reads"


@dataclass(frozen=True)
class Actor:
    """The account that acts, or the system itself (`account_id` is `system`), or a device with an
    API key: then `account_id` is the id of the key and `device` its name. `source_ip` is where the
    request comes from, `language` the tag that the account prefers, and `without_role` means that
    its role does not count yet, because its address is not verified; these are no part of the
    identity."""

    account_id: str
    role: Role
    sites: frozenset[str] = frozenset()
    name: str = ""
    source_ip: str = field(default="", compare=False)
    device: str = field(default="", kw_only=True)
    language: str | None = field(default=None, compare=False, kw_only=True)
    without_role: bool = field(default=False, compare=False, kw_only=True)

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
        """Whether `user_id` is the actor's own account."""
        return user_id is not None and user_id == self.account_id


@dataclass(frozen=True)
class KeyActor(Actor):
    """A device as an actor: staff of one site, on the routes of its scope alone."""

    scope: KeyScope = KeyScope.READS


SYSTEM = Actor("system", Role.ADMIN)
"""The actor of sweeps and deadlines."""

ANONYMOUS = Actor("-", Role.USER)
"""The actor of a public route: a caller who is not signed in."""


def refused(
    actor: Actor, usual: Wording | None = None, *, site: str | None = None
) -> errors.Forbidden:
    """The refusal of an actor whose role does not allow a step. One whose role does not count yet
    is asked to verify the address first."""
    return errors.Forbidden(
        say("forbidden_until_verified") if actor.without_role else usual, site=site
    )


def require_works_at(actor: Actor, site: str) -> None:
    """Require staff of the site. Raises Forbidden."""
    if not actor.works_at(site):
        raise refused(actor, say("not_your_site"), site=site)


def require_runs(actor: Actor, site: str) -> None:
    """Require an owner of the site. Raises Forbidden."""
    if not actor.runs(site):
        raise refused(actor, say("only_owner"), site=site)


def require_party(actor: Actor, *, user_id: str | None, site: str) -> None:
    """Require the customer of a booking or staff of its site. Raises NotYours, which answers like
    an unknown id: ids of other people reveal nothing."""
    if not (actor.owns(user_id) or actor.works_at(site)):
        raise errors.NotYours(site=site)
