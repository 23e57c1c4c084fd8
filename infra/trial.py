"""Run by `make package` in a bare interpreter with nothing but the unpacked bundle:

    python -I -S -B trial.py FOLDER STEPS [needs]

Imports every module there is, repeats the steps that infra/rehearsal.py has written down, with the
replies of AWS that were recorded, and looks for the zones of time, so that a cut that went too far
shows before it is deployed. With `needs` it repeats the booking alone, and prints the modules of
ours that ran for it as JSON. Standard library only.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
import warnings
import zoneinfo
from types import SimpleNamespace
from typing import Any, Final

BOOKING: Final = "/api/user/book-slot"


def needs(folder: str, steps: str) -> None:
    """Print the modules that a booking needs. Raises what the booking raises."""
    sys.path.insert(0, folder)
    root = importlib.import_module("app")
    replies = _aws()
    with open(steps) as text:
        step = next(step for step in json.load(text) if step["event"].get("path") == BOOKING)
    replies[:] = step["replies"]
    _repeat(root, step)
    print(json.dumps([name for name, module in sys.modules.items() if _has_run(name, module)]))


def _has_run(name: str, module: object) -> bool:
    """Whether it is one of ours and not waiting to be used (infra/later.py)."""
    return name.startswith("chalicelib.") and type(module).__name__ != "Later"


def main(folder: str, steps: str) -> None:
    """Raises the error of the first step that does not work."""
    sys.path.insert(0, folder)
    root = importlib.import_module("app")
    replies = _aws()
    with open(steps) as text:
        for step in json.load(text):
            replies[:] = step["replies"]
            _repeat(root, step)
            assert not replies, f"{step['function']} has asked AWS less than it did"
    _all_modules()
    _razorpay()
    if sys.flags.isolated:  # else the libraries are not the bundle's own
        _zones()


def _repeat(root: Any, step: dict[str, Any]) -> None:
    event = step["event"]
    answer = getattr(root, step["function"])(event, _context(step["function"]))
    if step["status"]:
        assert answer["statusCode"] == step["status"], (event["path"], answer)
        assert event["httpMethod"] != "HEAD" or not answer["body"], (event["path"], answer)


def _aws() -> list[tuple[int, str]]:
    """The replies of AWS still to come, in order."""
    from chalicelib.aws.connection import Endpoint, Reply

    replies: list[tuple[int, str]] = []

    def send(self: Any, *_: Any) -> Reply:
        status, content = replies.pop(0)
        return Reply(self.url, status, {}, content.encode())

    Endpoint.send = send  # type: ignore[assignment, method-assign]
    return replies


def _context(function: str) -> SimpleNamespace:
    return SimpleNamespace(
        aws_request_id="trial",
        function_name=function,
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:eu-west-1:000000000000:function:{function}",
        get_remaining_time_in_millis=lambda: 28_000,
    )


def _all_modules() -> None:
    package = importlib.import_module("chalicelib")
    for module in pkgutil.walk_packages(package.__path__, "chalicelib."):
        vars(importlib.import_module(module.name))  # which runs it


def _razorpay() -> None:
    """With all that its SDK needs, up to a connection that nobody takes."""
    from chalicelib.gateways.payments.credentials import Credentials
    from chalicelib.gateways.payments.razorpay import Razorpay
    from chalicelib.gateways.payments.razorpay_keys import RazorpayKeys

    keys = RazorpayKeys("rzp_test_trial", "secret", ("secret",))
    gateway = Razorpay(Credentials(lambda: "{}", lambda _: keys), _never, url="http://127.0.0.1:1")
    with warnings.catch_warnings(action="error"):
        assert _cause(gateway) == "ConnectionError"


def _cause(gateway: Any) -> str:
    """Why the gateway did not answer; empty where it did."""
    from chalicelib.domain.core import errors

    try:
        gateway.find_order("PY_1", None)
    except errors.Unavailable as away:
        return away.cause
    return ""


def _never() -> Any:
    raise AssertionError("nobody asks for the time")


def _zones() -> None:
    """As where the system has none."""
    zoneinfo.ZoneInfo.clear_cache()
    zoneinfo.reset_tzpath(to=())
    for name in ("Asia/Kolkata", "Asia/Calcutta", "Europe/Dublin", "UTC"):
        assert zoneinfo.ZoneInfo(name).key == name


if __name__ == "__main__":
    (needs if sys.argv[3:] == ["needs"] else main)(*sys.argv[1:3])
