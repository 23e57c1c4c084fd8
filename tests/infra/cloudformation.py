"""CloudFormation as far as `make deploy` asks it, in the place of the network.

Requests and answers are checked against botocore's model. Parameters, conditions, references to
secrets, change sets, events and rollbacks behave as AWS documents them. Templates, bundles and
secrets are read from moto. Nothing is created: a resource is its properties.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.validate import validate_parameters

from tests.infra.change_sets import ChangeSet, Stack, changes_between, settled
from tests.infra.templates import ACCOUNT, Json, Refused, Template, filled_in

LARGEST_TEMPLATE: Final = 1_000_000
PAGE: Final = 25
USABLE: Final = "(CREATE|IMPORT|UPDATE|UPDATE_ROLLBACK)_COMPLETE"
CAPABILITIES: Final = {"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"}
VERBS: Final = {"Add": "CREATE", "Modify": "UPDATE", "Remove": "DELETE", "Import": "IMPORT"}
AT_ONCE: Final = 8
"""Resources that are changed between two looks at the events."""


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
        self._dynamodb = session.create_client("dynamodb")
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
        TemplateURL: str = "",
        TemplateBody: str = "",
        Parameters: list[Json] | None = None,
        Capabilities: list[str] | None = None,
        ResourcesToImport: list[Json] | None = None,
    ) -> Json:
        stack = self._stack_to_change(StackName, ChangeSetType)
        template = self._template(TemplateURL) if TemplateURL else json.loads(TemplateBody)
        if "Transform" in template and set(Capabilities or ()) != CAPABILITIES:
            raise Refused(f"Requires capabilities : {CAPABILITIES}")
        declared = template.get("Parameters", {})
        parameters = filled_in(declared, Parameters or [], stack.parameters)
        stack.tables |= self._imported(template, ResourcesToImport or [])
        filled = self._fill(stack, template, parameters)
        resources = filled.resources()
        changes = list(changes_between(stack.resources, resources))
        if ChangeSetType == "IMPORT":
            changes = [{**change, "Action": "Import"} for change in changes]
        change_set_id = f"arn:aws:cloudformation:{stack.region}:{ACCOUNT}:changeSet/{ChangeSetName}"
        made = ChangeSet(stack, parameters, resources, filled.outputs(), changes)
        self._change_sets[change_set_id] = made
        self._work.append(settled(made))
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
        if kind in ("CREATE", "IMPORT"):
            if stack is not None and stack.status != "REVIEW_IN_PROGRESS":
                raise Refused(f"Stack {name} already exists and cannot be created again")
            return self.stacks.setdefault(name, Stack(name, self._region))
        if stack is None or not re.fullmatch(USABLE, stack.status):
            raise Refused(f"Stack:{name} is in a state in which it can not be updated")
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

    def _imported(self, template: Json, rows: list[Json]) -> dict[str, str]:
        """The tables to import, which are there and stay when they leave the stack again."""
        found = {row["LogicalResourceId"]: row["ResourceIdentifier"]["TableName"] for row in rows}
        for logical_id, name in found.items():
            self._dynamodb.describe_table(TableName=name)
            if "DeletionPolicy" not in template["Resources"][logical_id]:
                raise Refused(f"Resources {logical_id} is missing DeletionPolicy attribute")
        return found

    def _fill(self, stack: Stack, template: Json, parameters: dict[str, str]) -> Template:
        names = {"AWS::StackName": stack.name, "AWS::Region": stack.region, **stack.tables}
        return Template(template, parameters, names, self._secrets)

    def _executed(self, change_set: ChangeSet) -> Iterator[None]:
        """The events of a change set, some at each step."""
        stack, verb = change_set.stack, change_set.verb
        yield  # for a moment the stack still shows how it was before
        stack.become(f"{verb}_IN_PROGRESS")
        for number, change in enumerate(change_set.changes, start=1):
            name, kind = change["LogicalResourceId"], change["ResourceType"]
            verb_of_it = VERBS[change["Action"]]
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


def _rows(kind: str, values: Mapping[str, str]) -> list[Json]:
    return [{f"{kind}Key": key, f"{kind}Value": value} for key, value in values.items()]


def _page(name: str, rows: list[Json], token: str) -> Json:
    start = int(token)
    more = {"NextToken": str(start + PAGE)} if start + PAGE < len(rows) else {}
    return {name: rows[start : start + PAGE], **more}
