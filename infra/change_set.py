"""A change set: what CloudFormation is going to change, and the events while it does."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from infra.account import Account, Pause
from infra.stacks import DeployError, Stack

POLL: Final = 3.0
"""Seconds between two looks at CloudFormation."""

Event = dict[str, Any]

_NOTHING_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")
_ENDED_WELL: Final = ("CREATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE")
_DONE: Final = {
    "CREATE_COMPLETE": "created",
    "IMPORT_COMPLETE": "taken over",
    "UPDATE_COMPLETE": "updated",
    "DELETE_COMPLETE": "deleted",
    "DELETE_SKIPPED": "kept outside the stack",
}


@dataclass(frozen=True)
class ChangeSet:
    """A change set that may be executed. `total` counts the resources it changes."""

    change_set_id: str
    stack: Stack
    stack_id: str
    total: int


def prepare(account: Account, stack: Stack, **request: Any) -> ChangeSet | None:
    """The change set that `request` asks for (the arguments of CreateChangeSet), or None if nothing
    changes. Raises DeployError where CloudFormation refuses it, or where it would empty a table."""
    made = account.cloudformation.create_change_set(
        StackName=stack.name, ChangeSetName=f"deploy-{uuid.uuid4().hex[:12]}", **request
    )
    if not _is_ready(account, made["Id"]):
        return None
    changes = _changes(account.cloudformation, made["Id"])
    _require_tables_kept(changes)
    return ChangeSet(made["Id"], stack, made["StackId"], len(changes))


def execute(account: Account, change_set: ChangeSet) -> None:
    """Execute a change set and show its events until the stack is at rest. Raises DeployError with
    the first resource that failed."""
    cloudformation, stack_id = account.cloudformation, change_set.stack_id
    newest = _newest_event(cloudformation, stack_id)
    cloudformation.execute_change_set(ChangeSetName=change_set.change_set_id)
    done: set[str] = set()
    failed: Event | None = None
    for event in _following(cloudformation, stack_id, newest, account.pause):
        status = event["ResourceStatus"]
        if _is_failure(event) and failed is None:
            failed = event
            account.say(f"{_failure(event)} CloudFormation takes the changes back.")
        elif status in _DONE and not _is_of_stack(event):
            done.add(event["LogicalResourceId"])
            account.say(f"{len(done):4} of {change_set.total}  {_line(event)}")
    if status not in _ENDED_WELL:
        raise DeployError(_ending(change_set.stack, status, failed or event))


def _is_ready(account: Account, change_set_id: str) -> bool:
    """Whether there is anything to execute. Raises DeployError."""
    cloudformation = account.cloudformation
    while True:
        found = cloudformation.describe_change_set(ChangeSetName=change_set_id)
        if not found["Status"].endswith(("_PENDING", "_IN_PROGRESS")):
            break
        account.pause(POLL)
    if found["Status"] == "CREATE_COMPLETE":
        return True
    reason = found.get("StatusReason", found["Status"])
    cloudformation.delete_change_set(ChangeSetName=change_set_id)
    if any(words in reason for words in _NOTHING_CHANGES):
        return False
    raise DeployError(f"CloudFormation refuses the change: {reason}")


def _changes(cloudformation: Any, change_set_id: str) -> list[dict[str, Any]]:
    paginator = cloudformation.get_paginator("describe_change_set")
    pages = paginator.paginate(ChangeSetName=change_set_id)
    return [change["ResourceChange"] for page in pages for change in page["Changes"]]


def _require_tables_kept(changes: list[dict[str, Any]]) -> None:
    """Refuse to go on with an empty table in the place of one with records."""
    for change in changes:
        is_lost = change["Action"] == "Remove" or change.get("Replacement") == "True"
        if change["ResourceType"] == "AWS::DynamoDB::Table" and is_lost:
            table = change["LogicalResourceId"]
            text = f"This deployment would replace or remove {table}, and with it its records."
            raise DeployError(f"{text} Nothing was changed.")


def _newest_event(cloudformation: Any, stack_id: str) -> str | None:
    events = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
    return events[0]["EventId"] if events else None


def _following(
    cloudformation: Any, stack_id: str, newest: str | None, pause: Pause
) -> Iterator[Event]:
    """The events after `newest`, as they come, up to the one with which the stack is at rest."""
    while True:
        for event in _events_after(cloudformation, stack_id, newest):
            yield event
            newest = event["EventId"]
            if _is_of_stack(event) and not event["ResourceStatus"].endswith("_IN_PROGRESS"):
                return
        pause(POLL)


def _events_after(cloudformation: Any, stack_id: str, newest: str | None) -> list[Event]:
    """The events that are newer than the one with the id `newest`, oldest first."""
    found: list[Event] = []
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    for page in pages:
        for event in page["StackEvents"]:
            if event["EventId"] == newest:
                return found[::-1]
            found.append(event)
    return found[::-1]


def _is_of_stack(event: Event) -> bool:
    return bool(event.get("PhysicalResourceId") == event["StackId"])


def _is_failure(event: Event) -> bool:
    """Whether a resource has failed by itself, and not because another one did."""
    is_cancelled = "cancelled" in event.get("ResourceStatusReason", "")
    return event["ResourceStatus"].endswith("_FAILED") and not is_cancelled


def _line(event: Event) -> str:
    return f"{event['LogicalResourceId']} {_DONE[event['ResourceStatus']]}"


def _failure(event: Event) -> str:
    reason = event.get("ResourceStatusReason", "no reason is given").strip().rstrip(".")
    return f"{event['LogicalResourceId']} ({event['ResourceType']}) failed: {reason}."


def _ending(stack: Stack, status: str, failed: Event) -> str:
    delete = f"aws cloudformation delete-stack --stack-name {stack.name}"
    if stack.is_new:
        outcome, way_on = "could not be created", f"Mend the cause, delete the stack ({delete})"
    elif status == "UPDATE_ROLLBACK_COMPLETE":
        outcome, way_on = "is as it was before", "Mend the cause"
    else:
        outcome, way_on = f"is in {status}", "Mend the cause"
    return f"{stack.name} {outcome}. {_failure(failed)} {way_on}, and deploy again."
