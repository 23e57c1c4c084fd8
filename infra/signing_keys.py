"""The keys that sign tokens, QR codes and links, in a secret of AWS Secrets Manager.

The secret is no part of the stack: it stays when the stack is deleted, and the next stack of the
stage uses it again. Its text is the value of SIGNING_KEYS: `k2:<new>,k1:<old>`, the first key signs
and all verify (docs/operate/settings.md).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.stacks import DeployError
from local.credentials import code_of

BYTES: Final = 48
"""Of randomness in a key: 64 characters."""


@dataclass(frozen=True)
class Secret:
    """The secret in one of its versions. `ids` are those of its keys, the signing one first."""

    arn: str
    version: str
    ids: tuple[str, ...]


def name_of(stage: str) -> str:
    """The name of the secret of a stage."""
    return f"berth/{stage}/signing-keys"


def provide(manager: Any, stage: str, *, rotate: bool, drop: str | None) -> Secret:
    """The secret of the stage, made where it is missing. `rotate` puts a new key before the others,
    `drop` names one to take out. Raises DeployError for a key that cannot be dropped."""
    name = name_of(stage)
    try:
        found = manager.get_secret_value(SecretId=name)
    except ClientError as problem:
        if code_of(problem) != "ResourceNotFoundException":
            raise
        return _created(manager, name)
    keys = _changed(found["SecretString"], rotate=rotate, drop=drop)
    if keys != found["SecretString"]:
        found = manager.put_secret_value(SecretId=name, SecretString=keys)
    return Secret(found["ARN"], found["VersionId"], _ids(keys))


def _created(manager: Any, name: str) -> Secret:
    keys, about = _new_key("k1"), "Signs Berth's tokens, QR codes and links"
    made = manager.create_secret(Name=name, Description=about, SecretString=keys)
    return Secret(made["ARN"], made["VersionId"], _ids(keys))


def _changed(keys: str, *, rotate: bool, drop: str | None) -> str:
    """The keys after a rotation and then a drop.

    >>> _changed("k2:new,k1:old", rotate=False, drop="k1")
    'k2:new'
    """
    if rotate:
        keys = f"{_new_key(_next_id(keys))},{keys}"
    return keys if drop is None else _without(keys, drop)


def _without(keys: str, drop: str) -> str:
    signing, *others = _ids(keys)
    if drop == signing:
        raise DeployError(f"{drop} signs: give ROTATE_KEY=1 as well, so that another one does.")
    if drop not in others:
        there = ", ".join((signing, *others))
        raise DeployError(f"There is no key {drop} to drop; there are: {there}.")
    return ",".join(key for key in keys.split(",") if not key.startswith(f"{drop}:"))


def _next_id(keys: str) -> str:
    """The id of the next key.

    >>> _next_id("k9:new,k1:old")
    'k10'
    """
    numbers = [int(n) for n in re.findall(r"(?:^|,)k(\d+):", keys)]
    return f"k{max(numbers, default=0) + 1}"


def _new_key(key_id: str) -> str:
    return f"{key_id}:{secrets.token_urlsafe(BYTES)}"


def _ids(keys: str) -> tuple[str, ...]:
    return tuple(key.partition(":")[0] for key in keys.split(","))
