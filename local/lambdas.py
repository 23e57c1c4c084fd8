"""The functions of a deployed stage: find one, and run a sweep as EventBridge runs it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from chalicelib.sweeps.schedules import SCHEDULES
from local import credentials
from local.credentials import AwsError, code_of, message_of
from local.invocation import scheduled_event


class SweepError(Exception):
    """The deployed sweep failed, or is not there; the text says why."""


def invoke_sweep(name: str, *, stage: str, dry_run: bool) -> Any:
    """Run the sweep `name` of the stack `berth-<stage>` and return its summary; with
    `dry_run` it only names what is due. Region and credentials come from the environment. Raises
    SweepError."""
    if name not in SCHEDULES:
        raise SweepError(f"There is no sweep {name}. There are: {', '.join(SCHEDULES)}.")
    try:
        return _invoke(credentials.session(), name, stage, dry_run=dry_run)
    except AwsError as problem:
        raise SweepError(str(problem)) from None


def _invoke(session: Any, name: str, stage: str, *, dry_run: bool) -> Any:
    function = physical_id(session, _logical_id(name), stage)
    with credentials.explained():
        client = session.create_client("lambda")
        event = scheduled_event(name, datetime.now(UTC), client.meta.region_name)
        event |= {"dry_run": True} if dry_run else {}
        answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise SweepError(f"The sweep failed: {payload.get('errorMessage', payload)}")
    return payload


def _logical_id(sweep: str) -> str:
    return "".join(part.capitalize() for part in sweep.split("-"))


def physical_id(session: Any, logical_id: str, stage: str) -> str:
    """The name that CloudFormation gave to a resource of the stack `berth-<stage>`. Raises AwsError
    if it is not there."""
    from botocore.exceptions import ClientError

    with credentials.explained():
        cloudformation = session.create_client("cloudformation")
        try:
            found = cloudformation.describe_stack_resource(
                StackName=f"berth-{stage}", LogicalResourceId=logical_id
            )
        except ClientError as problem:
            if code_of(problem) != "ValidationError" or "not exist" not in message_of(problem):
                raise
            region = cloudformation.meta.region_name
            raise AwsError(_missing(logical_id, stage, region, message_of(problem))) from None
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def _missing(logical_id: str, stage: str, region: str, message: str) -> str:
    if message.startswith("Resource"):
        return f"The stack berth-{stage} has no {logical_id}."
    return f"There is no stack berth-{stage} in {region}. Deploy it: make deploy STAGE={stage}"
