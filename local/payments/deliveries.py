"""Messages of a gateway to Berth: sent when they are due, again after a failure, and on request
twice, late or never."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

RETRIES: Final = (60, 300, 900, 3600)
"""Seconds before a message is sent again after a failure; then it is given up."""

Post = Callable[[str, Mapping[str, str], bytes], int | None]
"""Sends a message and returns the status of the answer, None without one."""


@dataclass(frozen=True)
class Message:
    """A message to `url` that is due at a Unix time. It has failed `failures` times."""

    url: str
    headers: dict[str, str]
    body: str
    due: int
    failures: int = 0


@dataclass(frozen=True)
class Plan:
    """What happens to a message: `copies` of it, none when it is lost, `delay` seconds late."""

    copies: int = 1
    delay: int = 0


class Deliveries:
    """The messages that wait, by the clock `now`; thread-safe."""

    def __init__(self, post: Post, now: Callable[[], datetime]) -> None:
        self._post = post
        self._now = now
        self._lock = threading.Lock()
        self._plans: list[Plan] = []
        self._waiting: list[Message] = []

    def plan(self, plan: Plan, times: int = 1) -> None:
        """Let this happen to the next messages."""
        with self._lock:
            self._plans += [plan] * times

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Put a message in line."""
        with self._lock:
            plan = self._plans.pop(0) if self._plans else Plan()
            due = int(self._now().timestamp()) + plan.delay
            message = Message(url, dict(headers), body.decode(), due)
            self._waiting += [message] * plan.copies

    def deliver_due(self) -> int:
        """Send what is due, in order; the number of messages that arrived."""
        due = self._take_due()
        arrived = [self._arrives(message) for message in due]
        return sum(arrived)

    def dump(self) -> list[dict[str, Any]]:
        """The messages that wait, as JSON."""
        with self._lock:
            return [asdict(message) for message in self._waiting]

    def load(self, messages: list[dict[str, Any]]) -> None:
        """Wait with these messages, of an earlier run."""
        with self._lock:
            self._waiting = [Message(**message) for message in messages]

    def _take_due(self) -> list[Message]:
        with self._lock:
            now = int(self._now().timestamp())
            due = [message for message in self._waiting if message.due <= now]
            self._waiting = [message for message in self._waiting if message.due > now]
            return sorted(due, key=lambda message: message.due)

    def _arrives(self, message: Message) -> bool:
        status = self._post(message.url, message.headers, message.body.encode())
        if status is not None and 200 <= status < 300:
            return True
        if message.failures < len(RETRIES):
            again = message.due + RETRIES[message.failures]
            with self._lock:
                self._waiting.append(replace(message, due=again, failures=message.failures + 1))
        return False
