"""Bundle and template in the operator's bucket, each named by the hash of its content: what has not
changed is not sent again, and CloudFormation finds the bundle of before when it takes a deployment
back."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.stacks import DeployError
from local.credentials import code_of

_MISSING: Final = frozenset({"404", "NoSuchBucket", "NoSuchKey", "NotFound"})


def require_bucket(s3: Any, bucket: str, region: str) -> None:
    """Raises DeployError for a bucket that is not there, not ours, or in another region: Lambda
    takes its code from its own region only."""
    try:
        headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    except ClientError as problem:
        if code_of(problem) in _MISSING:
            make = f"aws s3 mb s3://{bucket} --region {region}"
            raise DeployError(f"There is no bucket {bucket}. Make it: {make}") from None
        raise
    where = headers.get("x-amz-bucket-region", region)
    if where != region:
        text = (
            f"The bucket {bucket} is in {where}, the stack in {region}: use a bucket in {region}."
        )
        raise DeployError(text)


def put(s3: Any, bucket: str, stage: str, path: Path) -> str:
    """Send a file where it is not there yet, and return its key."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    key = f"berth/{stage}/{digest}{path.suffix}"
    if not _is_there(s3, bucket, key):
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    return key


def url(s3: Any, bucket: str, key: str) -> str:
    """The address of an object, as CloudFormation takes it."""
    return f"{s3.meta.endpoint_url}/{bucket}/{key}"


def _is_there(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as problem:
        if code_of(problem) in _MISSING:
            return False
        raise
    return True
