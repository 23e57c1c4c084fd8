"""Serving until somebody ends it."""

from __future__ import annotations

import os
import signal

from chalicelib import settings
from local import banner, environment
from local.control import origin
from local.runtime import Runtime
from local.server import Server


def serve(port: int) -> None:
    """Serve Berth on 127.0.0.1 until SIGINT or SIGTERM; port 0 takes any that is free. Raises
    OSError where the port is taken."""
    server = Server(port)
    environment.prepare(server.port)
    runtime = Runtime(settings.read(os.environ))
    server.answer = origin.guarded(runtime.handle, server.port)
    try:
        runtime.start()
        server.listen = runtime.listen
        _serve(runtime, server)
    except KeyboardInterrupt:
        print("\nBerth has stopped.", flush=True)


def _serve(runtime: Runtime, server: Server) -> None:
    print(banner.text(server.address, runtime.settings.dynamodb_endpoint), flush=True)
    try:
        server.serve_forever()
    finally:
        _end(runtime, server)


def _end(runtime: Runtime, server: Server) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server.server_close()
    runtime.stop()
