"""The first account of a deployed stage: an admin, written straight into its tables with the
operator's own AWS credentials, because nobody can sign in yet."""

from __future__ import annotations

from typing import Any

from chalicelib import settings, wiring
from chalicelib.domain.core.access import SYSTEM, Role
from chalicelib.services.accounts import users
from chalicelib.services.accounts.users import NewUser
from local.lambdas import physical_id

API = "APIHandler"


def open_account(stage: str, email: str, password: str, session: Any) -> str:
    """Open an admin account in the stack `berth-<stage>` and return its id. Tables and settings are
    those of its API function. Raises Refusal for a poor password or an address that is taken."""
    deps = wiring.build(settings.read(_environment(session, stage)))
    admin = NewUser(email=email, name=email.partition("@")[0], role=Role.ADMIN, password=password)
    return users.create_user(deps, SYSTEM, admin, source_ip="operator").account_id


def _environment(session: Any, stage: str) -> dict[str, str]:
    client = session.create_client("lambda")
    function = client.get_function_configuration(FunctionName=physical_id(session, API, stage))
    variables: dict[str, str] = function["Environment"]["Variables"]
    return {**variables, "AWS_REGION": client.meta.region_name}
