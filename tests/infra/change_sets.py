"""Stacks and change sets as CloudFormation keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.infra.templates import ACCOUNT, Json


@dataclass
class Stack:
    name: str
    region: str
    status: str = "REVIEW_IN_PROGRESS"
    parameters: dict[str, str] = field(default_factory=dict)
    resources: dict[str, Json] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)
    """The names of imported tables; other resources are called as in the template."""

    @property
    def stack_id(self) -> str:
        return f"arn:aws:cloudformation:{self.region}:{ACCOUNT}:stack/{self.name}/1"

    def note(self, logical_id: str, status: str, kind: str, reason: str | None = None) -> None:
        """Add an event, the newest first."""
        event = {
            "StackId": self.stack_id,
            "EventId": f"event-{len(self.events)}",
            "StackName": self.name,
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": self.stack_id if logical_id == self.name else logical_id,
            "ResourceType": kind,
            "Timestamp": datetime.now(UTC),
            "ResourceStatus": status,
        }
        self.events.insert(0, event | ({"ResourceStatusReason": reason} if reason else {}))

    def become(self, status: str) -> None:
        self.status = status
        self.note(self.name, status, "AWS::CloudFormation::Stack")


@dataclass
class ChangeSet:
    stack: Stack
    parameters: dict[str, str]
    resources: dict[str, Json]
    outputs: dict[str, str]
    changes: list[Json]
    status: str = "CREATE_IN_PROGRESS"
    reason: str = ""

    @property
    def verb(self) -> str:
        """What its execution is called."""
        if any(change["Action"] == "Import" for change in self.changes):
            return "IMPORT"
        return "UPDATE" if self.stack.resources else "CREATE"


def settled(change_set: ChangeSet) -> Iterator[None]:
    yield
    change_set.status = "CREATE_COMPLETE"
    if not change_set.changes:
        change_set.status = "FAILED"
        change_set.reason = "The submitted information didn't contain changes. Submit different."


def changes_between(before: dict[str, Json], after: dict[str, Json]) -> Iterator[Json]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            [there] = [each for each in (old, new) if each is not None]
            yield _change("Add" if old is None else "Remove", name, there["Type"], {})
        elif old != new:
            is_key = old["Properties"].get("KeySchema") != new["Properties"].get("KeySchema")
            replaced = {"Replacement": "True" if is_key else "False"}
            yield _change("Modify", name, new["Type"], replaced)


def _change(action: str, name: str, kind: str, more: Json) -> Json:
    return {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **more}
