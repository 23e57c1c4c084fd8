"""`make deploy STAGE=dev`: package a stage and hand it to CloudFormation.

Stages: what the operator asks for, what the account has, the package, the signing keys, the upload,
a change set and its execution. What is not given stays as it is in the stack
(docs/operate/deploy.md).
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import yaml

from infra import alarms, change_set, left_tables, package, signing_keys, stacks, template, upload
from infra.account import Account
from infra.package import PackagingError
from infra.signing_keys import Secret
from infra.stacks import DeployError, Stack
from local import credentials
from local.credentials import AwsError

PARAMETERS: Final = {
    "BUCKET": "BundleBucket",
    "MAIL_FROM": "MailFrom",
    "OPERATOR_CONTACT": "OperatorContact",
    "APP_URL": "AppUrl",
    "BASE_URL": "BaseUrl",
    "CORS_ORIGINS": "CorsOrigins",
    "ALARM_EMAIL": "AlarmEmail",
    "RAZORPAY_SECRET_ARN": "RazorpaySecretArn",
    "PHONEPE_SECRET_ARN": "PhonepeSecretArn",
    "UPI_ADDRESS": "UpiAddress",
}
"""The variables an operator may set, and the parameters of the stack they are for."""


@dataclass(frozen=True)
class Order:
    """What the operator asks for. `given` are parameters of the stack, by name; `drop` is the id of
    a signing key; `adopt` is None where the operator leaves open what to do with tables that an
    earlier stack has left."""

    stage: str
    given: Mapping[str, str]
    rotate: bool = False
    drop: str | None = None
    adopt: bool | None = None


@dataclass(frozen=True)
class Found:
    """What is there before a deployment: the stack, and tables it is to take over."""

    stack: Stack
    left: Mapping[str, str]


def read(environment: Mapping[str, str]) -> Order:
    """The order in the environment. A variable that is set but empty empties its parameter. Raises
    DeployError for a stage that does not exist and for a value that its parameter does not take."""
    stage = environment.get("STAGE", "")
    if stage not in package.STAGES:
        raise DeployError(f"Say which stage to deploy: STAGE={' or STAGE='.join(package.STAGES)}.")
    given = {name: environment[key] for key, name in PARAMETERS.items() if key in environment}
    for key in environment.keys() & PARAMETERS.keys():
        _require_allowed(key, environment[key])
    return Order(
        stage,
        given,
        rotate=bool(_switch(environment, "ROTATE_KEY")),
        drop=environment.get("DROP_KEY") or None,
        adopt=_switch(environment, "ADOPT_TABLES"),
    )


def deploy(order: Order, account: Account, build: Callable[[], Path]) -> None:
    """Deploy what `build` packages, which is called once nothing else is missing. Raises
    DeployError, AwsError, and what `build` raises."""
    with credentials.explained():
        found = _look(order, account)
    out = build()
    with credentials.explained():
        secret = signing_keys.provide(
            account.secrets, order.stage, rotate=order.rotate, drop=order.drop
        )
        _apply(order, account, found, secret, out)
        for line in _closing(order, account, found, secret):
            account.say(line)


def _look(order: Order, account: Account) -> Found:
    """Find what is there; change nothing. Raises DeployError for what is missing."""
    number = account.sts.get_caller_identity()["Account"]
    stack = stacks.find(account.cloudformation, order.stage)
    account.say(f"{stack.name} in account {number}, region {account.region}")
    stacks.require_usable(stack)
    _require_complete(order, stack)
    upload.require_bucket(account.s3, _bucket(order, stack), account.region)
    left = left_tables.find(account.dynamodb, stack.name) if stack.is_new else {}
    names = left_tables.chosen(left, stack.name, adopt=order.adopt)
    kept = _names(stack.parameters.keys() - order.given.keys())
    account.say(f"Given: {_names(order.given)}. Kept: {kept}.")
    return Found(stack, names)


def _apply(order: Order, account: Account, found: Found, secret: Secret, out: Path) -> None:
    stack, bucket = found.stack, _bucket(order, found.stack)
    if found.left:
        resources = json.loads((out / package.TEMPLATE).read_text())["Resources"]
        stack = left_tables.adopt(account, stack, resources, found.left)
    send = partial(upload.put, account.s3, bucket, order.stage)
    values = {
        **order.given,
        "BundleKey": send(out / package.BUNDLE),
        "SigningKeysArn": secret.arn,
        "SigningKeysVersion": secret.version,
    }
    account.say("CloudFormation compares.")
    change = change_set.prepare(
        account,
        stack,
        ChangeSetType="CREATE" if stack.is_new else "UPDATE",
        TemplateURL=upload.url(account.s3, bucket, send(out / package.TEMPLATE)),
        Parameters=list(_parameters(stack, values)),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    if change is None:
        account.say("Nothing has changed.")
    else:
        account.say(f"{change.total} resources change.")
        change_set.execute(account, change)


def _closing(order: Order, account: Account, found: Found, secret: Secret) -> Iterator[str]:
    """What the operator has now, and what to do next."""
    stack = stacks.find(account.cloudformation, order.stage)
    address = stack.outputs["EndpointURL"].rstrip("/")
    yield f"{stack.name} is at {address}."
    yield f"Links in mails lead to {stack.parameters['BaseUrl'] or address}."
    signing, *others = secret.ids
    yield f"The key {signing} signs." + "".join(f" {key} still verifies." for key in others)
    yield alarms.reach(account, stack)
    if found.stack.is_new and not found.left:
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
    if not re.fullmatch(parameter["AllowedPattern"], value):
        raise DeployError(f"{key} {parameter['ConstraintDescription']}, not {value!r}.")


def _switch(environment: Mapping[str, str], name: str) -> bool | None:
    """Whether a switch is on; None where it is not set. Raises DeployError."""
    value = environment.get(name, "")
    if value not in ("", "0", "1"):
        raise DeployError(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1" if value else None


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
        session = credentials.session()
        with credentials.explained():
            account = Account.of(session, _show)
        deploy(order, account, partial(_packaged, order.stage))
    except (AwsError, DeployError, PackagingError) as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("\nStopped watching. What CloudFormation has begun goes on without this program.")


if __name__ == "__main__":
    main()
