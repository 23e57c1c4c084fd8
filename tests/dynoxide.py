"""The second DynamoDB engine below the tests: dynoxide, built by `make engine`.

See docs/decisions/second-engine.md for what it is and what it does differently from AWS.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

BUILT = Path(__file__).parents[1] / ".tools" / "bin" / "dynoxide"
ABSENT = "dynoxide is not built: run `make engine` (needs cargo)"
ATTEMPTS = 5  # another process may take the free port between our asking and dynoxide's binding
MOST_LOOKS = 500  # looks at the port, 0.02 s apart, before a start counts as failed


def binary() -> Path | None:
    """The dynoxide named by `DYNOXIDE`, built by `make engine`, or found on the PATH."""
    named = os.environ.get("DYNOXIDE") or (BUILT if BUILT.exists() else shutil.which("dynoxide"))
    return Path(named) if named else None


@contextlib.contextmanager
def dynoxide() -> Iterator[str | None]:
    """The endpoint of a fresh engine in memory, ended on leaving; None where it is not built."""
    program = binary()
    if program is None:
        yield None
        return
    process, port = _started(program)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _started(program: Path) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(ATTEMPTS):
        port = _free_port()
        process = subprocess.Popen(
            [program, "serve", "--port", str(port), "--log", "quiet"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if _answers(process, port):
            return process, port
        process.kill()
        process.wait()
    raise RuntimeError(f"{program} does not start")


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    for _ in range(MOST_LOOKS):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return process.poll() is None
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            return False
    return False


def _free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port: int = asking.getsockname()[1]
        return port
