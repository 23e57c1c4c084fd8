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
        self.region = "ap-south-1"
        self.meta = SimpleNamespace(region_name=self.region)

    def get_config_variable(self, name: str) -> str:
        return self.region

    def set_config_variable(self, name: str, value: str) -> None:
        pass

    def get_credentials(self) -> object:
        return object()

    def create_client(self, service: str) -> Any:
        return self

    def describe_stack_resource(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if asked["StackName"] == "berth-none":
            raise refusal("ValidationError", "Stack 'berth-none' does not exist")
        if asked["LogicalResourceId"] != "AutoCheckout":
            text = f"Resource {asked['LogicalResourceId']} does not exist for stack berth-dev"
            raise refusal("ValidationError", text)
        return {"StackResourceDetail": {"PhysicalResourceId": "berth-dev-AutoCheckout-1"}}

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if "refused" in self.answer:
            raise refusal("AccessDeniedException", self.answer["refused"])
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in self.answer else {}
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **failed}


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Invoke")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    aws = FakeAws({"sweep": "auto-checkout", "due": 2})
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setattr(botocore.session, "Session", lambda: aws)
    return aws


def test_a_deployed_sweep_is_called_with_its_event(aws: FakeAws) -> None:
    assert invoke_sweep("auto-checkout", stage="dev", dry_run=False) == aws.answer
    resource, call = aws.asked
    assert resource == {"StackName": "berth-dev", "LogicalResourceId": "AutoCheckout"}
    assert call["FunctionName"] == "berth-dev-AutoCheckout-1"
    assert json.loads(call["Payload"])["detail-type"] == "Scheduled Event"


@pytest.mark.parametrize(
    ("name", "stage", "answer", "why"),
    [
        ("auto-checkout", "dev", {"errorMessage": "out of luck"}, "The sweep failed: out of luck"),
        (
            "auto-checkout", "none", {},
            "There is no stack berth-none in ap-south-1. Deploy it: make deploy STAGE=none",
        ),
        ("outbox", "dev", {}, "The stack berth-dev has no Outbox."),
        ("auto-chekout", "dev", {}, "There is no sweep auto-chekout. There are: auto-checkout, "),
        (
            "auto-checkout", "dev", {"refused": "User: me is not authorized"},
            "These credentials may not call Invoke: User: me is not authorized.",
        ),
    ],
)  # fmt: skip
def test_why_a_deployed_sweep_did_not_run_is_one_sentence(
    aws: FakeAws, name: str, stage: str, answer: dict[str, Any], why: str
) -> None:
    aws.answer = answer
    with pytest.raises(SweepError) as refused:
        invoke_sweep(name, stage=stage, dry_run=False)
    assert str(refused.value).startswith(why)
    assert "\n" not in str(refused.value)


def test_without_a_region_no_sweep_is_called(aws: FakeAws) -> None:
    aws.region = ""
    with pytest.raises(SweepError, match="No AWS region is set"):
        invoke_sweep("auto-checkout", stage="dev", dry_run=False)
    assert aws.asked == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_the_event_of_a_dry_run_alone_says_so(aws: FakeAws, dry_run: bool) -> None:
    invoke_sweep("auto-checkout", stage="dev", dry_run=dry_run)
    assert json.loads(aws.asked[1]["Payload"]).get("dry_run", False) is dry_run
