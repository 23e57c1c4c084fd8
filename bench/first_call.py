"""A Lambda environment's first requests, in a fresh interpreter that has nothing but a bundle.

    python -I -S first_call.py FOLDER MODULE ATTRIBUTE RECORDED CALLS

Imports the handler, answers the recorded events with the recorded replies of DynamoDB in place of
the network, answers those of a warm instance CALLS times, and prints as JSON: milliseconds of the
import and of the first answers, MiB at the peak, and the CPU of the warm ones in microseconds.
Standard library only.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any


def main(folder: str, module: str, attribute: str, recorded: str, calls: str) -> None:
    """Measure once and print."""
    with open(recorded) as text:
        script = json.load(text)
    sys.path.insert(0, folder)
    start = time.perf_counter()
    handler = getattr(importlib.import_module(module), attribute)
    imported = time.perf_counter()
    replies = itertools.cycle(script["warm"]["replies"])
    _replay(itertools.chain(script["cold"]["replies"], replies))
    _call_all(handler, script["cold"]["events"])
    done = time.perf_counter()
    figures = {"import": (imported - start) * 1000, "first": (done - imported) * 1000}
    print(json.dumps(figures | {"mb": _peak(), "cpu": _warm(handler, script, int(calls))}))


def _replay(replies: Iterable[str]) -> None:
    """Answer each request with the next recorded reply. Its imports are within the time: a
    bundle may do them late."""
    waiting = iter(replies)
    if importlib.util.find_spec("chalicelib"):
        _replay_ours(waiting)
    else:
        _replay_botocores(waiting)


def _replay_ours(waiting: Iterator[str]) -> None:
    from chalicelib.aws.connection import Endpoint, Reply

    def send(self: Any, *_: Any) -> Reply:
        return Reply(self.url, 200, {}, next(waiting).encode())

    Endpoint.send = send  # type: ignore[assignment, method-assign]


def _replay_botocores(waiting: Iterator[str]) -> None:
    from botocore.awsrequest import AWSResponse
    from botocore.httpsession import URLLib3Session

    def send(self: Any, request: Any) -> Any:
        reply = AWSResponse(request.url, 200, {"content-type": "application/x-amz-json-1.0"}, None)
        reply._content = next(waiting).encode()
        return reply

    URLLib3Session.send = send


def _warm(handler: Callable[..., Any], script: dict[str, Any], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        _call_all(handler, script["warm"]["events"])
    return (time.process_time() - start) / max(1, calls) * 1_000_000


def _call_all(handler: Callable[..., Any], events: list[dict[str, Any]]) -> None:
    for event in events:
        answer = handler(event, _context())
        if answer["statusCode"] not in (200, 201):
            sys.exit(f"{answer['statusCode']}: {answer['body']}")


def _context() -> SimpleNamespace:
    return SimpleNamespace(
        aws_request_id="bench",
        function_name="berth",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:berth",
        get_remaining_time_in_millis=lambda: 28_000,
    )


def _peak() -> float:
    """Of this program, not of the one that started it, as getrusage would have it."""
    with open("/proc/self/status") as status:
        [peak] = [line for line in status if line.startswith("VmHWM")]
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:6])
