"""CloudFormation as far as `make deploy` asks it, in the place of the network.

Requests and answers are checked against botocore's model. Parameters, conditions, references to
secrets, change sets, events and rollbacks behave as AWS documents them. Templates, bundles and
secrets are read from moto. Nothing is created: a resource is its properties.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.validate import validate_parameters

ACCOUNT: Final = "123456789012"
LARGEST_TEMPLATE: Final = 1_000_000
PAGE: Final = 25
AT_ONCE: Final = 8
"""Resources that are changed between two looks at the events."""

PSEUDO: Final = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": None,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
SECRET: Final = re.compile(r"{{resolve:secretsmanager:(arn:.+):SecretString:::(.+)}}")

Json = dict[str, Any]


class Refused(Exception):
    """A ValidationError of CloudFormation."""


@dataclass
class Template:
    """A template with its parameters filled in."""

    template: Json
    parameters: Mapping[str, str]
    names: Mapping[str, str]
    secrets: Any
    _secrets_read: dict[tuple[str, str], str] = field(default_factory=dict)

    def resources(self) -> dict[str, Json]:
        """Each resource by its logical id, its properties resolved."""
        found = self.template["Resources"].items()
        return {name: self._resource(each) for name, each in found if self._is_there(each)}

    def outputs(self) -> dict[str, str]:
        found = self.template.get("Outputs", {}).items()
        return {name: str(self.resolved(each["Value"])) for name, each in found}

    def resolved(self, value: Any) -> Any:
        """`value` without intrinsic functions and references to secrets."""
        if isinstance(value, list):
            return [found for each in value if (found := self.resolved(each)) is not None]
        if not isinstance(value, dict):
            return self._secret(value) if isinstance(value, str) else value
        if len(value) == 1 and (name := next(iter(value))).startswith(("Ref", "Fn::")):
            return self._intrinsic(name, value[name])
        resolved = ((name, self.resolved(each)) for name, each in value.items())
        return {name: each for name, each in resolved if each is not None}

    def _resource(self, resource: Json) -> Json:
        properties = dict(resource.get("Properties", {}))
        if resource["Type"] == "AWS::Serverless::Function":
            shared = self.template["Globals"]["Function"]
            variables = shared["Environment"]["Variables"] | properties["Environment"]["Variables"]
            properties = shared | properties | {"Environment": {"Variables": variables}}
        return {"Type": resource["Type"], "Properties": self.resolved(properties)}

    def _is_there(self, resource: Json) -> bool:
        return "Condition" not in resource or self._holds(resource["Condition"])

    def _holds(self, condition: str) -> bool:
        return bool(self.resolved(self.template["Conditions"][condition]))

    def _intrinsic(self, name: str, value: Any) -> Any:
        if name == "Ref":
            return self._named(value)
        if name == "Fn::GetAtt":
            return ".".join(value)
        if name == "Fn::If":
            return self.resolved(value[1 if self._holds(value[0]) else 2])
        if name == "Fn::Equals":
            return self.resolved(value[0]) == self.resolved(value[1])
        if name == "Fn::Not":
            return not self.resolved(value[0])
        if name == "Fn::Join":
            return value[0].join(self.resolved(value[1]))
        assert name == "Fn::Sub", name
        text, more = value if isinstance(value, list) else (value, {})
        return self._secret(
            re.sub(
                r"\${([\w:.]+)}",
                lambda found: str(self.resolved(more.get(found[1], {"Ref": found[1]}))),
                text,
            )
        )

    def _named(self, name: str) -> Any:
        for known in (self.parameters, PSEUDO, self.names):
            if name in known:
                return known[name]
        assert name.partition(".")[0] in self.template["Resources"], f"nothing is called {name}"
        return name

    def _secret(self, text: str) -> str:
        return SECRET.sub(lambda found: self._read(found[1], found[2]), text)

    def _read(self, arn: str, version: str) -> str:
        if (arn, version) not in self._secrets_read:
            answer = self.secrets.get_secret_value(SecretId=arn, VersionId=version)
            self._secrets_read[arn, version] = str(answer["SecretString"])
        return self._secrets_read[arn, version]


@dataclass
class Stack:
    name: str
    region: str
    status: str = "REVIEW_IN_PROGRESS"
    parameters: dict[str, str] = field(default_factory=dict)
    resources: dict[str, Json] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)

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


class CloudFormation:
    """One region of CloudFormation. `broken` names resources that fail, and the reason; `confirmed`
    are addresses whose owners want the mails of a topic. `tick` lets a moment pass, in which what is
    under way goes on by one step."""

    def __init__(self, session: Any) -> None:
        self.stacks: dict[str, Stack] = {}
        self.broken: dict[str, str] = {}
        self.confirmed: set[str] = set()
        self.asked: list[str] = []
        self._session = session
        self._s3 = session.create_client("s3")
        self._secrets = session.create_client("secretsmanager")
        self._change_sets: dict[str, ChangeSet] = {}
        self._work: list[Iterator[None]] = []
        self._params: Json = {}
        self._hooks = {
            "before-parameter-build.cloudformation": self._keep,
            "before-call.cloudformation": self._answer,
            "before-call.sns.ListSubscriptionsByTopic": self._subscriptions,
        }
        for event, hook in self._hooks.items():
            session.register(event, hook)

    def close(self) -> None:
        for event, hook in self._hooks.items():
            self._session.unregister(event, hook)

    def tick(self, _: float = 0) -> None:
        self._work = [work for work in self._work if next(work, self) is not self]

    def environment(self, stack: str, function: str) -> dict[str, str]:
        """The variables that a deployed function has."""
        function_ = self.stacks[stack].resources[function]
        variables: dict[str, str] = function_["Properties"]["Environment"]["Variables"]
        return variables

    # -- the wire

    def _keep(self, params: Json, **_: Any) -> None:
        self._params = dict(params)

    def _answer(self, model: Any, **_: Any) -> tuple[AWSResponse, Json]:
        self.asked.append(model.name)
        http = AWSResponse("https://cloudformation", 200, {}, None)
        try:
            answer: Json = getattr(self, model.name)(**self._params) or {}
        except Refused as problem:
            http.status_code = 400
            error = {"Type": "Sender", "Code": "ValidationError", "Message": str(problem)}
            return http, {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}
        if model.output_shape is not None:
            validate_parameters(answer, model.output_shape)
        return http, answer | {"ResponseMetadata": {"HTTPStatusCode": 200}}

    def _subscriptions(self, **_: Any) -> tuple[AWSResponse, Json]:
        topics = [stack.resources["AlarmTopic"] for stack in self.stacks.values()]
        emails = [each["Endpoint"] for each in topics[0]["Properties"]["Subscription"]]
        arn = dict.fromkeys(self.confirmed, "arn:aws:sns:…")
        rows = [
            {"Endpoint": email, "SubscriptionArn": arn.get(email, "PendingConfirmation")}
            for email in emails
        ]
        return AWSResponse("https://sns", 200, {}, None), {"Subscriptions": rows}

    # -- its operations

    def DescribeStacks(self, *, StackName: str) -> Json:
        stack = self._stack(StackName)
        shown = {
            "StackId": stack.stack_id,
            "StackName": stack.name,
            "CreationTime": datetime.now(UTC),
            "StackStatus": stack.status,
            "Parameters": _rows("Parameter", stack.parameters),
            "Outputs": _rows("Output", stack.outputs),
        }
        return {"Stacks": [shown]}

    def CreateChangeSet(
        self,
        *,
        StackName: str,
        ChangeSetName: str,
        ChangeSetType: str,
        TemplateURL: str,
        Parameters: list[Json],
        Capabilities: list[str],
    ) -> Json:
        assert {"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"} <= set(Capabilities)
        stack = self._stack_to_change(StackName, ChangeSetType)
        template = self._template(TemplateURL)
        parameters = _filled(template["Parameters"], Parameters, stack.parameters)
        filled = self._fill(stack, template, parameters)
        resources = filled.resources()
        changes = list(_changes(stack.resources, resources))
        change_set_id = f"arn:aws:cloudformation:{stack.region}:{ACCOUNT}:changeSet/{ChangeSetName}"
        made = ChangeSet(stack, parameters, resources, filled.outputs(), changes)
        self._change_sets[change_set_id] = made
        self._work.append(_settled(made))
        return {"Id": change_set_id, "StackId": stack.stack_id}

    def DescribeChangeSet(self, *, ChangeSetName: str, NextToken: str = "0") -> Json:
        found = self._change_sets[ChangeSetName]
        rows = [{"Type": "Resource", "ResourceChange": change} for change in found.changes]
        shown = {"ChangeSetId": ChangeSetName, "Status": found.status}
        reason = {"StatusReason": found.reason} if found.reason else {}
        return shown | reason | _page("Changes", rows, NextToken)

    def DeleteChangeSet(self, *, ChangeSetName: str) -> None:
        del self._change_sets[ChangeSetName]

    def ExecuteChangeSet(self, *, ChangeSetName: str) -> None:
        change_set = self._change_sets.pop(ChangeSetName)
        assert change_set.status == "CREATE_COMPLETE"
        self._work.append(self._executed(change_set))

    def DescribeStackEvents(self, *, StackName: str, NextToken: str = "0") -> Json:
        return _page("StackEvents", self._stack(StackName).events, NextToken)

    def DescribeStackResource(self, *, StackName: str, LogicalResourceId: str) -> Json:
        stack = self._stack(StackName)
        if LogicalResourceId not in stack.resources:
            text = f"Resource {LogicalResourceId} does not exist for stack {StackName}"
            raise Refused(text)
        resource = stack.resources[LogicalResourceId]
        shown = {
            "LogicalResourceId": LogicalResourceId,
            "PhysicalResourceId": resource.get("PhysicalId", LogicalResourceId),
            "ResourceType": resource["Type"],
            "LastUpdatedTimestamp": datetime.now(UTC),
            "ResourceStatus": "CREATE_COMPLETE",
        }
        return {"StackResourceDetail": shown}

    # -- how it does them

    def _stack(self, name: str) -> Stack:
        for stack in self.stacks.values():
            if name in (stack.name, stack.stack_id):
                return stack
        raise Refused(f"Stack with id {name} does not exist")

    def _stack_to_change(self, name: str, kind: str) -> Stack:
        stack = self.stacks.get(name)
        if kind == "CREATE":
            if stack is not None and stack.status != "REVIEW_IN_PROGRESS":
                raise Refused(f"Stack {name} already exists and cannot be created again")
            return self.stacks.setdefault(name, Stack(name, self._region))
        if stack is None or not re.fullmatch(
            "(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE", stack.status
        ):
            raise Refused(f"Stack:{name} is in a state and can not be updated")
        return stack

    @property
    def _region(self) -> str:
        return str(self._session.get_config_variable("region"))

    def _template(self, url: str) -> Json:
        address = urlsplit(url)
        assert address.netloc.startswith("s3.")
        bucket, _, key = address.path.removeprefix("/").partition("/")
        text = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        if len(text) > LARGEST_TEMPLATE:
            raise Refused("Template may not exceed 1000000 bytes in size.")
        template: Json = json.loads(text)
        return template

    def _fill(self, stack: Stack, template: Json, parameters: dict[str, str]) -> Template:
        names = {"AWS::StackName": stack.name, "AWS::Region": stack.region}
        return Template(template, parameters, names, self._secrets)

    def _executed(self, change_set: ChangeSet) -> Iterator[None]:
        """The events of a change set, some at each step."""
        stack, verb = change_set.stack, "UPDATE" if change_set.stack.resources else "CREATE"
        yield  # for a moment the stack still shows how it was before
        stack.become(f"{verb}_IN_PROGRESS")
        for number, change in enumerate(change_set.changes, start=1):
            name, kind = change["LogicalResourceId"], change["ResourceType"]
            verb_of_it = {"Add": "CREATE", "Modify": "UPDATE", "Remove": "DELETE"}[change["Action"]]
            stack.note(name, f"{verb_of_it}_IN_PROGRESS", kind)
            if reason := self._fault(name, change_set.resources.get(name, {})):
                yield
                yield from self._taken_back(change_set, verb, name, f"{verb_of_it}_FAILED", reason)
                return
            stack.note(name, f"{verb_of_it}_COMPLETE", kind)
            if number % AT_ONCE == 0:
                yield
        if verb == "UPDATE":
            stack.become("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            yield
        stack.parameters, stack.outputs = change_set.parameters, change_set.outputs
        stack.resources = change_set.resources
        stack.become(f"{verb}_COMPLETE")

    def _taken_back(
        self, change_set: ChangeSet, verb: str, name: str, status: str, reason: str
    ) -> Iterator[None]:
        stack = change_set.stack
        others = [c for c in change_set.changes if c["LogicalResourceId"] != name][-2:]
        stack.note(name, status, change_set.resources[name]["Type"], reason)
        for other in others:
            cancelled = f"Resource {verb.lower()} cancelled"
            stack.note(other["LogicalResourceId"], status, other["ResourceType"], cancelled)
        rollback = "ROLLBACK" if verb == "CREATE" else "UPDATE_ROLLBACK"
        stack.become(f"{rollback}_IN_PROGRESS")
        yield
        stack.become(f"{rollback}_COMPLETE")

    def _fault(self, name: str, resource: Json) -> str | None:
        """Why a resource cannot be made. The code must be in its bucket."""
        if name in self.broken or name != "APIHandler":
            return self.broken.get(name)
        code = resource["Properties"]["CodeUri"]
        found = self._s3.list_objects_v2(Bucket=code["Bucket"], Prefix=code["Key"])
        if found["KeyCount"] != 1:
            return "Error occurred while GetObject. S3 Error Code: NoSuchKey."
        return None


def _settled(change_set: ChangeSet) -> Iterator[None]:
    yield
    change_set.status = "CREATE_COMPLETE"
    if not change_set.changes:
        change_set.status = "FAILED"
        change_set.reason = "The submitted information didn't contain changes. Submit different."


def _filled(declared: Json, given: list[Json], before: Mapping[str, str]) -> dict[str, str]:
    """The value of each parameter."""
    found = {name: str(each["Default"]) for name, each in declared.items() if "Default" in each}
    for row in given:
        key = row["ParameterKey"]
        if row.get("UsePreviousValue"):
            if key not in before:
                raise Refused(f"Invalid value for UsePreviousValue: {key} has no previous value")
            found[key] = before[key]
        else:
            found[key] = row["ParameterValue"]
    if unknown := found.keys() - declared.keys():
        raise Refused(f"Parameters: {sorted(unknown)} do not exist in the template")
    if missing := declared.keys() - found.keys():
        raise Refused(f"Parameters: {sorted(missing)} must have values")
    for name, value in found.items():
        if not re.fullmatch(declared[name].get("AllowedPattern", ".*"), value):
            raise Refused(f"Parameter {name} failed to satisfy constraint")
    return found


def _changes(before: dict[str, Json], after: dict[str, Json]) -> Iterator[Json]:
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


def _rows(kind: str, values: Mapping[str, str]) -> list[Json]:
    return [{f"{kind}Key": key, f"{kind}Value": value} for key, value in values.items()]


def _page(name: str, rows: list[Json], token: str) -> Json:
    start = int(token)
    more = {"NextToken": str(start + PAGE)} if start + PAGE < len(rows) else {}
    return {name: rows[start : start + PAGE], **more}
