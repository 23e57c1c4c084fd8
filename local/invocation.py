"""What Lambda hands to a function: the context, and the events of EventBridge and the stream."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ACCOUNT = "123456789012"
API_SECONDS = 29
EVENT_SECONDS = 60


@dataclass
class Context:
    """Lambda's context object, as far as code may look at it."""

    function_name: str
    seconds: int = API_SECONDS
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 256
    log_group_name: str = "local"
    log_stream_name: str = "local"
    _began: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:local:{ACCOUNT}:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds left before Lambda would end the function."""
        return max(0, int((self._began + self.seconds - time.monotonic()) * 1000))


def scheduled_event(name: str, at: datetime, region: str) -> dict[str, Any]:
    """The event EventBridge sends when the rule `name` fires at `at`."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": [f"arn:aws:events:{region}:{ACCOUNT}:rule/berth-local-{name}"],
        "detail": {},
    }
