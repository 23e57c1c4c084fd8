from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.services.core.deps import Deps
from local.first_admin import open_account
from tests.backend import ENVIRONMENT


class Aws:
    """CloudFormation and Lambda of a deployed stage, as far as they are asked."""

    def create_client(self, service: str) -> Any:
        return SimpleNamespace(
            meta=SimpleNamespace(region_name="ap-south-1"),
            describe_stack_resource=self._resource,
            get_function_configuration=self._configuration,
        )

    def _resource(self, *, StackName: str, LogicalResourceId: str) -> Any:
        assert (StackName, LogicalResourceId) == ("berth-dev", "APIHandler")
        return {"StackResourceDetail": {"PhysicalResourceId": "berth-dev-api-1"}}

    def _configuration(self, *, FunctionName: str) -> Any:
        assert FunctionName == "berth-dev-api-1"
        return {"Environment": {"Variables": ENVIRONMENT}}


def test_the_first_admin_of_a_stage_can_sign_in(deps: Deps) -> None:
    account_id = open_account("dev", "you@example.com", "a long enough one", Aws())
    account = deps.accounts.get(account_id)
    assert (account.role, account.email) == (Role.ADMIN, "you@example.com")


def test_the_demo_password_does_not_open_a_deployed_stage(deps: Deps) -> None:
    with pytest.raises(errors.Invalid):
        open_account("dev", "you@example.com", "password123", Aws())
