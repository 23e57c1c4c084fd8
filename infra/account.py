"""The operator's AWS account, as the steps of a deployment use it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

Say = Callable[[str], None]
"""Shows a line to the person who waits."""

Pause = Callable[[float], None]
"""Waits so many seconds."""


@dataclass(frozen=True)
class Account:
    """A client for each service, and the two ways to let a person wait."""

    cloudformation: Any
    dynamodb: Any
    s3: Any
    secrets: Any
    sns: Any
    sts: Any
    say: Say
    pause: Pause

    @classmethod
    def of(cls, session: Any, say: Say, pause: Pause = time.sleep) -> Self:
        """The account of a botocore session."""
        return cls(
            cloudformation=session.create_client("cloudformation"),
            dynamodb=session.create_client("dynamodb"),
            s3=session.create_client("s3"),
            secrets=session.create_client("secretsmanager"),
            sns=session.create_client("sns"),
            sts=session.create_client("sts"),
            say=say,
            pause=pause,
        )

    @property
    def region(self) -> str:
        return str(self.cloudformation.meta.region_name)
