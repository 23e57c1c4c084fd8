"""The stack of a stage as CloudFormation has it now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from local.credentials import message_of

UNUSABLE: Final = {
    "CREATE_FAILED": "Its first deployment failed. Delete it and deploy again: {delete}",
    "ROLLBACK_COMPLETE": "Its first deployment failed. Delete it and deploy again: {delete}",
    "ROLLBACK_FAILED": "Its first deployment failed. Delete it and deploy again: {delete}",
    "DELETE_FAILED": "It could not be deleted. Look why, and delete it again: {delete}",
    "UPDATE_ROLLBACK_FAILED": "CloudFormation could not take a failed deployment back. Look why, "
    "then: aws cloudformation continue-update-rollback --stack-name {name}",
}
"""What to do with a stack that takes no deployment, by its status."""


class DeployError(Exception):
    """The stage cannot be deployed; the text says why, and what to do."""


@dataclass(frozen=True)
class Stack:
    """A stack, or the place of one that is not there yet: then `status` is empty."""

    name: str
    status: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether nothing of it has been deployed. A change set that was never executed leaves a
        stack in REVIEW_IN_PROGRESS."""
        return self.status in ("", "REVIEW_IN_PROGRESS")


def name_of(stage: str) -> str:
    """The name of the stack of a stage."""
    return f"berth-{stage}"


def find(cloudformation: Any, stage: str) -> Stack:
    """The stack of a stage."""
    name = name_of(stage)
    try:
        [found] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as problem:
        if "does not exist" in message_of(problem):
            return Stack(name)
        raise
    stack = Stack(name, found["StackStatus"], _parameters(found), _outputs(found))
    return Stack(name, stack.status) if stack.is_new else stack


def require_usable(stack: Stack) -> None:
    """Raises DeployError for a stack that takes no deployment now."""
    if stack.is_new:
        return
    if advice := UNUSABLE.get(stack.status):
        delete = f"aws cloudformation delete-stack --stack-name {stack.name}"
        text = advice.format(delete=delete, name=stack.name)
        raise DeployError(f"The stack {stack.name} is in {stack.status}. {text}")
    if stack.status.endswith("_IN_PROGRESS"):
        text = f"The stack {stack.name} is in {stack.status}: another deployment is under way."
        raise DeployError(f"{text} Wait for its end, then deploy again.")


def _parameters(found: dict[str, Any]) -> dict[str, str]:
    named = found.get("Parameters", [])
    return {each["ParameterKey"]: each["ParameterValue"] for each in named}


def _outputs(found: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
