"""What a deployment is started with, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalicelib import settings
from chalicelib.settings import Settings
from infra import deploy, package
from tests.infra.cloudformation import CloudFormation

REGION = "eu-north-1"
"""No other test is there."""

STACK, API = "berth-dev", "APIHandler"
FIRST = {"BUCKET": "bundles", "MAIL_FROM": "no-reply@example.org"}
ALL = FIRST | {
    "OPERATOR_CONTACT": "help@example.org",
    "APP_URL": "https://app.example.org",
    "BASE_URL": "https://berth.example.org",
    "CORS_ORIGINS": "https://app.example.org",
    "ALARM_EMAIL": "me@example.org",
    "RAZORPAY_SECRET_ARN": "arn:aws:secretsmanager:eu-north-1:123456789012:secret:berth/dev/razorpay-Ab12Cd",
    "PHONEPE_SECRET_ARN": "arn:aws:ssm:eu-north-1:123456789012:parameter/berth/dev/phonepe",
    "UPI_ADDRESS": "parking@bank",
}

Deploy = Callable[..., list[str]]
"""Deploys with these variables and returns the lines shown."""


def deployed(cloud: CloudFormation, function: str = API) -> Settings:
    """The settings that a deployed function reads."""
    return settings.read({**cloud.environment(STACK, function), "AWS_REGION": REGION})


def given(cloud: CloudFormation) -> dict[str, str]:
    """The values of what an operator may give."""
    parameters = cloud.stacks[STACK].parameters
    return {key: parameters[name] for key, name in deploy.PARAMETERS.items()}


def keys_of(session: Any) -> str:
    manager = session.create_client("secretsmanager")
    return str(manager.get_secret_value(SecretId="berth/dev/signing-keys")["SecretString"])


def objects(session: Any) -> set[str]:
    found = session.create_client("s3").list_objects_v2(Bucket="bundles")
    return {each["Key"] for each in found.get("Contents", [])}


def never() -> Path:
    raise AssertionError("nothing is packaged for a deployment that cannot begin")


def change(out: Path) -> None:
    """Another bundle."""
    with (out / package.BUNDLE).open("ab") as bundle:
        bundle.write(b"more")


def add_bucket(session: Any, name: str, region: str) -> None:
    s3 = session.create_client("s3", region_name=region)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
