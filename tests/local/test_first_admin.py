from __future__ import annotations

import getpass
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NoReturn

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from chalicelib.aws import client
from chalicelib.domain.core.access import Role
from chalicelib.services.core.deps import Deps
from local.cli import main
from tests.backend import ENVIRONMENT

LINE = ["admin", "you@example.com", "--stage", "dev"]
PASSWORD = "a long enough one"


class Aws:
    """A botocore session with CloudFormation and Lambda of a deployed stage, as far as they are
    asked."""

    def __init__(self) -> None:
        self.region = "ap-south-1"
        self.has_credentials = True
        self.refusal: ClientError | None = None
        self.variables = dict(ENVIRONMENT)

    def get_config_variable(self, name: str) -> str:
        return self.region

    def set_config_variable(self, name: str, value: str) -> None:
        pass

    def get_credentials(self) -> Any:
        frozen = SimpleNamespace(access_key="local", secret_key="local", token=None)
        found = SimpleNamespace(get_frozen_credentials=lambda: frozen)
        return found if self.has_credentials else None

    def create_client(self, service: str) -> Any:
        return SimpleNamespace(
            meta=SimpleNamespace(region_name=self.region),
            describe_stack_resource=self._resource,
            get_function_configuration=self._configuration,
        )

    def _resource(self, *, StackName: str, LogicalResourceId: str) -> Any:
        if StackName != "berth-dev":
            raise refusal("ValidationError", f"Stack '{StackName}' does not exist")
        assert LogicalResourceId == "APIHandler"
        return {"StackResourceDetail": {"PhysicalResourceId": "berth-dev-api"}}

    def _configuration(self, *, FunctionName: str) -> Any:
        assert FunctionName == "berth-dev-api"
        if self.refusal is not None:
            raise self.refusal
        return {"Environment": {"Variables": self.variables}}


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetFunctionConfiguration")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    aws = Aws()
    for name in ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "local")  # so that each is put back afterwards
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setattr(botocore.session, "Session", lambda: aws)
    return aws


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """An operator who types these lines."""

    def typing(*lines: str) -> None:
        waiting = list(lines)
        monkeypatch.setattr(getpass, "getpass", lambda prompt: waiting.pop(0))

    return typing


@pytest.fixture
def nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(prompt: str) -> NoReturn:
        raise AssertionError("a password was asked for")

    monkeypatch.setattr(getpass, "getpass", asked)


def test_the_first_admin_of_a_stage_can_sign_in(
    deps: Deps, aws: Aws, typing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    typing(PASSWORD, PASSWORD)
    assert main(LINE) == 0
    account = deps.accounts.find_by_login("you@example.com")
    assert account is not None
    assert (account.role, account.active) == (Role.ADMIN, True)
    assert deps.passwords.verify(account.password, PASSWORD)
    assert account.account_id in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("password123", "password123"), "password is too easy to guess"),
        ((PASSWORD, "another one"), "The two passwords differ."),
    ],
)
def test_a_password_that_will_not_do_opens_no_account(
    deps: Deps,
    aws: Aws,
    typing: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    lines: tuple[str, str],
    why: str,
) -> None:
    typing(*lines)
    assert main(LINE) == 1
    assert why in capsys.readouterr().err
    assert deps.accounts.find_by_login("you@example.com") is None


@pytest.mark.parametrize("key", [EOFError, KeyboardInterrupt])
def test_who_gives_no_password_opens_no_account(
    deps: Deps,
    aws: Aws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    key: type[BaseException],
) -> None:
    def ended(prompt: str) -> NoReturn:
        raise key

    monkeypatch.setattr(getpass, "getpass", ended)
    assert main(LINE) == 1
    assert capsys.readouterr().err == "\nNo password was given, and no account was opened.\n"


def _without_region(aws: Aws) -> None:
    aws.region = ""


def _without_credentials(aws: Aws) -> None:
    aws.has_credentials = False


def _without_permission(aws: Aws) -> None:
    aws.refusal = refusal("AccessDeniedException", "User: me is not authorized.")


def _with_an_old_token(aws: Aws) -> None:
    aws.refusal = refusal("ExpiredTokenException", "The security token is expired")


def _without_a_signing_key(aws: Aws) -> None:
    del aws.variables["SIGNING_KEYS"]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (_without_region, "No AWS region is set."),
        (_without_credentials, "No AWS credentials were found."),
        (_without_permission, "These credentials may not call GetFunctionConfiguration: User: me"),
        (_with_an_old_token, "AWS does not accept these credentials (The security token is exp"),
        (_without_a_signing_key, "APIHandler of berth-dev has wrong settings: SIGNING_KEYS"),
    ],
)
def test_what_is_missing_is_one_sentence_before_a_password_is_asked_for(
    deps: Deps,
    aws: Aws,
    nobody_is_asked: None,
    capsys: pytest.CaptureFixture[str],
    fault: Callable[[Aws], None],
    why: str,
) -> None:
    fault(aws)
    assert main(LINE) == 1
    shown = capsys.readouterr().err
    assert shown.startswith(why)
    assert shown.count("\n") == 1


def test_tables_that_may_not_be_read_are_named_before_a_password_is_asked_for(
    deps: Deps,
    aws: Aws,
    nobody_is_asked: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    denied = {"Error": {"Code": "AccessDeniedException", "Message": "User: me is not authorized"}}
    allowed: list[bool] = []

    def deny(**_: Any) -> Any:
        return None if allowed else (AWSResponse("https://dynamodb", 400, {}, None), denied)

    client.HOOKS.append(hook := ("before-call", deny))
    try:
        assert main(LINE) == 1
    finally:
        client.HOOKS.remove(hook)
        allowed.append(True)  # the client that was made meanwhile still listens to it
    shown = capsys.readouterr().err
    assert shown.startswith("The tables of berth-dev cannot be used with these credentials: ")
    assert "User: me is not authorized" in shown


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["admin", "you", "--stage", "dev"], "email must be an email address"),
        (["admin", "you@example.com", "--stage", "prod"], "There is no stack berth-prod in ap-sou"),
    ],
)
def test_a_wrong_address_or_stage_is_named_before_a_password_is_asked_for(
    deps: Deps,
    aws: Aws,
    nobody_is_asked: None,
    capsys: pytest.CaptureFixture[str],
    line: list[str],
    why: str,
) -> None:
    assert main(line) == 1
    assert why in capsys.readouterr().err


def test_an_address_that_has_an_account_is_not_asked_for_a_password(
    deps: Deps,
    aws: Aws,
    monkeypatch: pytest.MonkeyPatch,
    typing: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    typing(PASSWORD, PASSWORD)
    assert main(LINE) == 0
    typing()
    assert main(LINE) == 1
    assert "There is already an account with this address" in capsys.readouterr().err
