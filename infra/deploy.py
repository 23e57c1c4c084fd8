"""`make deploy STAGE=dev`: package a stage and hand it to CloudFormation.

Stages: what the operator asks for, what the account has, the package, the signing keys, the upload,
a change set and its execution. What is not given stays as it is in the stack
(docs/operate/deploy.md).
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import yaml

from infra import alarms, change_set, package, signing_keys, stacks, template, upload
from infra.change_set import Pause, Say
from infra.package import PackagingError
from infra.signing_keys import Secret
from infra.stacks import DeployError, Stack
from local import credentials
from local.credentials import AwsError

PARAMETERS: Final = {
    "BUCKET": "BundleBucket",
    "MAIL_FROM": "MailFrom",
    "BASE_URL": "BaseUrl",
    "CORS_ORIGINS": "CorsOrigins",
    "ALARM_EMAIL": "AlarmEmail",
}
"""The variables an operator may set, and the parameters of the stack they are for."""


@dataclass(frozen=True)
class Order:
    """What the operator asks for. `given` are parameters of the stack, by name; `drop` is the id of
    a signing key."""

    stage: str
    given: Mapping[str, str]
    rotate: bool = False
    drop: str | None = None


def read(environment: Mapping[str, str]) -> Order:
    """The order in the environment. A variable that is set but empty empties its parameter. Raises
    DeployError for a stage that does not exist and for a value that its parameter does not take."""
    stage = environment.get("STAGE", "")
    if stage not in package.STAGES:
        raise DeployError(f"Say which stage to deploy: STAGE={' or STAGE='.join(package.STAGES)}.")
    given = {name: environment[key] for key, name in PARAMETERS.items() if key in environment}
    for key in environment.keys() & PARAMETERS.keys():
        _require_allowed(key, environment[key])
    rotate = environment.get("ROTATE_KEY", "") not in ("", "0")
    return Order(stage, given, rotate, environment.get("DROP_KEY") or None)


def deploy(
    order: Order, session: Any, build: Callable[[], Path], say: Say, pause: Pause = time.sleep
) -> None:
    """Deploy what `build` packages, which is called once nothing else is missing. Raises
    DeployError, AwsError, and whatever `build` raises."""
    with credentials.explained():
        stack = _deployable(order, session, say)
    out = build()
    with credentials.explained():
        manager = session.create_client("secretsmanager")
        secret = signing_keys.provide(manager, order.stage, rotate=order.rotate, drop=order.drop)
        _apply(order, session, stack, secret, out, say, pause)
        for line in _closing(order, session, stack, secret):
            say(line)


def _deployable(order: Order, session: Any, say: Say) -> Stack:
    """The stack as it is. Changes nothing. Raises DeployError for what is missing."""
    cloudformation = session.create_client("cloudformation")
    region = cloudformation.meta.region_name
    account = session.create_client("sts").get_caller_identity()["Account"]
    stack = stacks.find(cloudformation, order.stage)
    say(f"{stack.name} in account {account}, region {region}")
    stacks.require_usable(stack)
    _require_complete(order, stack)
    upload.require_bucket(session.create_client("s3"), _bucket(order, stack), region)
    say(f"Given: {_names(order.given)}. Kept: {_names(stack.parameters.keys() - order.given)}.")
    return stack


def _apply(
    order: Order, session: Any, stack: Stack, secret: Secret, out: Path, say: Say, pause: Pause
) -> None:
    s3, bucket = session.create_client("s3"), _bucket(order, stack)
    send = partial(upload.put, s3, bucket, order.stage)
    values = {
        **order.given,
        "BundleKey": send(out / package.BUNDLE),
        "SigningKeysArn": secret.arn,
        "SigningKeysVersion": secret.version,
    }
    address = upload.url(s3, bucket, send(out / package.TEMPLATE))
    cloudformation = session.create_client("cloudformation")
    say("CloudFormation compares.")
    parameters = list(_parameters(stack, values))
    found = change_set.prepare(cloudformation, stack, address, parameters, pause)
    if found is None:
        say("Nothing has changed.")
    else:
        say(f"{found.total} resources change.")
        change_set.execute(cloudformation, found, say, pause)


def _closing(order: Order, session: Any, before: Stack, secret: Secret) -> Iterator[str]:
    """What the operator has now, and what to do next."""
    cloudformation, sns = session.create_client("cloudformation"), session.create_client("sns")
    stack = stacks.find(cloudformation, order.stage)
    address = stack.outputs["EndpointURL"].rstrip("/")
    yield f"{stack.name} is at {address}."
    yield f"Links in mails lead to {stack.parameters['BaseUrl'] or address}."
    signing, *others = secret.ids
    yield f"The key {signing} signs." + "".join(f" {key} still verifies." for key in others)
    yield alarms.reach(cloudformation, sns, stack)
    if before.is_new:
        yield f"Open the first account: make admin STAGE={order.stage} EMAIL=you@example.org"


def _parameters(stack: Stack, values: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The parameters of the change set. Those of neither kind get their default."""
    for name in _declared():
        if name in values:
            yield {"ParameterKey": name, "ParameterValue": values[name]}
        elif name in stack.parameters:
            yield {"ParameterKey": name, "UsePreviousValue": True}


def _require_complete(order: Order, stack: Stack) -> None:
    for key, name in PARAMETERS.items():
        is_known = name in order.given or name in stack.parameters
        if not is_known and "Default" not in _declared()[name]:
            raise DeployError(f"Say {key}=…: {_declared()[name]['Description']}.")


def _require_allowed(key: str, value: str) -> None:
    parameter = _declared()[PARAMETERS[key]]
    if not re.fullmatch(parameter.get("AllowedPattern", ".*"), value):
        raise DeployError(f"{key} {parameter['ConstraintDescription']}, not {value!r}.")


@cache
def _declared() -> dict[str, dict[str, str]]:
    """The parameters of the template."""
    declared: dict[str, dict[str, str]] = yaml.safe_load(template.STATIC.read_text())["Parameters"]
    return declared


def _bucket(order: Order, stack: Stack) -> str:
    return order.given.get("BundleBucket") or stack.parameters["BundleBucket"]


def _names(parameters: Iterable[str]) -> str:
    """The variables that the operator knows them by."""
    return ", ".join(key for key, name in PARAMETERS.items() if name in parameters) or "nothing"


def _show(line: str) -> None:
    print(line, flush=True)


def _packaged(stage: str) -> Path:
    _show("Packaging takes about a minute.")
    package.main(stage)
    return package.ROOT / "build" / stage


def main() -> None:
    """Deploy what the environment asks for. Ends the process with a sentence where that fails."""
    try:
        order = read(os.environ)
        deploy(order, credentials.session(), partial(_packaged, order.stage), _show)
    except (AwsError, DeployError, PackagingError) as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("\nStopped watching. What CloudFormation has begun goes on without this program.")


if __name__ == "__main__":
    main()
