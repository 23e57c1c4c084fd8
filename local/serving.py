"""Serving Berth on this machine until it is ended."""

from __future__ import annotations

import errno
import os
import signal
from contextlib import closing
from pathlib import Path

from botocore.exceptions import EndpointConnectionError

from chalicelib import settings
from local import banner, data_file, data_folder, environment
from local.control import origin
from local.data_file import DataFile
from local.data_folder import shown
from local.runtime import Runtime
from local.server import Server


class StartError(Exception):
    """Berth cannot start. The text is one sentence: what is wrong and what to do."""


def serve(port: int, folder: Path, *, fresh: bool) -> None:
    """Serve Berth on 127.0.0.1 until SIGINT or SIGTERM, with the data kept in `folder`; port 0
    takes any that is free, `fresh` deletes the data first. Raises StartError, DataError,
    SettingsError."""
    try:
        with (
            data_folder.locked(folder),
            closing(DataFile.open(folder / data_file.NAME)) as data,
            _server(port) as server,
        ):
            _serve(server, data, fresh=fresh)
    except KeyboardInterrupt:
        print("\nBerth has stopped.", flush=True)


def _serve(server: Server, data: DataFile, *, fresh: bool) -> None:
    environment.prepare(server.port, data.signing_keys)
    runtime = Runtime(settings.read(os.environ), data)
    server.answer = origin.guarded(runtime.handle, server.port)
    _start(runtime, fresh=fresh)
    server.listen = runtime.listen
    try:
        print(_banner(server.address, runtime, data), flush=True)
        server.serve_forever()
    finally:
        _end(runtime, server)


def _start(runtime: Runtime, *, fresh: bool) -> None:
    try:
        runtime.start(fresh=fresh)
    except EndpointConnectionError:
        endpoint = runtime.settings.dynamodb_endpoint
        raise StartError(
            f"Nothing answers at {endpoint}: start the DynamoDB engine there, "
            "or unset DYNAMODB_ENDPOINT."
        ) from None


def _banner(address: str, runtime: Runtime, data: DataFile) -> str:
    base_url = runtime.settings.base_url
    return banner.text(
        address,
        endpoint=runtime.settings.dynamodb_endpoint,
        folder=shown(data.path.parent),
        clock_offset=runtime.clock.offset_seconds,
        mails_elsewhere={url: n for url, n in data.mails_by_address().items() if url != base_url},
    )


def _server(port: int) -> Server:
    try:
        return Server(port)
    except OSError as problem:
        raise StartError(_sentence(port, problem)) from None


def _sentence(port: int, problem: OSError) -> str:
    other = f"make run PORT={port + 1 if 1024 <= port < 65535 else environment.DEFAULT_PORT}"
    if problem.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program: end it, or choose another port: {other}"
    return f"Port {port} cannot be used ({problem.strerror}): choose another port: {other}"


def _end(runtime: Runtime, server: Server) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server.server_close()
    runtime.stop()
