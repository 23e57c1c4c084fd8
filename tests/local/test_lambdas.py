from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from local.lambdas import SweepError, invoke_sweep


class FakeAws:
    """A botocore session whose Lambda and CloudFormation answer from here."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []
        self.meta = SimpleNamespace(region_name="ap-south-1")

    def create_client(self, service: str) -> Any:
        return self

    def describe_stack_resource(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if asked["StackName"] == "berth-none":
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "no stack"}}, "D")
        return {"StackResourceDetail": {"PhysicalResourceId": "berth-dev-AutoCheckout-1"}}

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in self.answer else {}
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **failed}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    aws = FakeAws({"sweep": "auto-checkout", "due": 2})
    monkeypatch.setattr(botocore.session, "Session", lambda: aws)
    return aws


def test_a_deployed_sweep_is_called_with_its_event(aws: FakeAws) -> None:
    assert invoke_sweep("auto-checkout", stage="dev", dry_run=False) == aws.answer
    resource, call = aws.asked
    assert resource == {"StackName": "berth-dev", "LogicalResourceId": "AutoCheckout"}
    assert call["FunctionName"] == "berth-dev-AutoCheckout-1"
    assert json.loads(call["Payload"])["detail-type"] == "Scheduled Event"


def test_a_failing_sweep_is_told(aws: FakeAws) -> None:
    aws.answer = {"errorMessage": "out of luck"}
    with pytest.raises(SweepError, match="out of luck"):
        invoke_sweep("outbox", stage="dev", dry_run=False)


def test_a_missing_stack_is_told(aws: FakeAws) -> None:
    with pytest.raises(SweepError, match="no stack"):
        invoke_sweep("outbox", stage="none", dry_run=False)


def test_a_dry_run_points_to_the_api(aws: FakeAws) -> None:
    with pytest.raises(SweepError, match="/api/admin/sweeps/outbox"):
        invoke_sweep("outbox", stage="dev", dry_run=True)
    assert aws.asked == []
