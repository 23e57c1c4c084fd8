"""The first account of a deployed stage: an admin, written straight into its tables with the
operator's own AWS credentials, because there is no account yet that could open one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.api.web import parse
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import SYSTEM, Role
from chalicelib.domain.core.constraints import Email
from chalicelib.services.accounts import users
from chalicelib.services.accounts.users import NewUser
from chalicelib.services.core.deps import Deps
from local import stages


@dataclass(frozen=True)
class _Person:
    email: Email


def reach(stage: str, email: str, session: Any) -> Deps:
    """The tables and settings of the stack `berth-<stage>`: those of its API function. Raises
    AwsError where they cannot be reached, and Refusal for an address that is no address or has an
    account already."""
    parse.read(_Person, {"email": email})
    deps = stages.deployed(stage, session)
    with stages.explained(stage):
        if deps.accounts.find_by_login(email) is not None:
            raise errors.EmailTaken()
    return deps


def open_account(deps: Deps, stage: str, email: str, password: str) -> str:
    """Open an admin account and return its id. Raises AwsError, and Refusal for a poor password."""
    name = email.partition("@")[0]
    admin = NewUser(email=email, name=name, role=Role.ADMIN, password=password, verified=True)
    with stages.explained(stage):
        return users.create_user(deps, SYSTEM, admin, source_ip="operator").account_id
