"""The first account of a deployed stage: an admin, written straight into its tables with the
operator's own AWS credentials, because there is no account yet that could open one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from chalicelib import settings, wiring
from chalicelib.api.web import parse
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import SYSTEM, Role
from chalicelib.domain.core.constraints import Email
from chalicelib.services.accounts import users
from chalicelib.services.accounts.users import NewUser
from chalicelib.services.core.deps import Deps
from chalicelib.settings import SettingsError
from local import credentials
from local.credentials import AwsError
from local.lambdas import physical_id

API: Final = "APIHandler"


@dataclass(frozen=True)
class _Person:
    email: Email


def reach(stage: str, email: str, session: Any) -> Deps:
    """The tables and settings of the stack `berth-<stage>`: those of its API function. Raises
    AwsError where they cannot be reached, and Refusal for an address that is no address or has an
    account already."""
    parse.read(_Person, {"email": email})
    variables = _environment(session, stage)
    try:
        deps = wiring.build(settings.read(variables))
    except SettingsError as problem:
        raise AwsError(f"{API} of berth-{stage} has wrong settings: {problem}.") from None
    with _explained(stage):
        if deps.accounts.find_by_login(email) is not None:
            raise errors.EmailTaken()
    return deps


def open_account(deps: Deps, stage: str, email: str, password: str) -> str:
    """Open an admin account and return its id. Raises AwsError, and Refusal for a poor password."""
    name = email.partition("@")[0]
    admin = NewUser(email=email, name=name, role=Role.ADMIN, password=password, verified=True)
    with _explained(stage):
        return users.create_user(deps, SYSTEM, admin, source_ip="operator").account_id


@contextmanager
def _explained(stage: str) -> Iterator[None]:
    """Raises AwsError for what the tables refuse."""
    from pynamodb.exceptions import PynamoDBException

    try:
        yield
    except PynamoDBException as problem:
        text = f"The tables of berth-{stage} cannot be used with these credentials"
        raise AwsError(f"{text}: {problem.cause or problem}") from None


def _environment(session: Any, stage: str) -> dict[str, str]:
    function = physical_id(session, API, stage)
    with credentials.explained():
        client = session.create_client("lambda")
        configuration = client.get_function_configuration(FunctionName=function)
    variables: dict[str, str] = configuration["Environment"]["Variables"]
    return {**variables, "AWS_REGION": client.meta.region_name}
