"""The folder that keeps what a user makes locally, `.data/`: one process at a time has it."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

LOCK_NAME = "lock"
LEAST_FREE = 4 * 1024 * 1024
"""Bytes of disk that a start needs: the demo data, and SQLite's log of it."""


class DataError(Exception):
    """The local data cannot be read or written. The text is one sentence: what is wrong and what
    to do."""


@contextmanager
def locked(folder: Path, least_free: int = LEAST_FREE) -> Iterator[None]:
    """Hold `folder` for this process, made where it does not exist. Raises DataError where it
    cannot be written, another process holds it, or under `least_free` bytes of its disk are
    free."""
    with _opened_lock(folder) as lock:
        _lock(lock, folder)
        if shutil.disk_usage(folder).free < least_free:
            raise DataError(no_space(folder))
        yield


def shown(path: Path) -> str:
    """`path` as messages name it: from the current directory where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def no_space(path: Path) -> str:
    """The sentence for a full disk."""
    return f"The disk that holds {shown(path)} is full: free some space, then try again."


def not_writable(path: Path, reason: str) -> str:
    """The sentence for a path without the right to write."""
    return (
        f"{shown(path)} cannot be written ({reason}): make it writable, "
        "or name another folder in BERTH_DATA."
    )


def _opened_lock(folder: Path) -> BinaryIO:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (folder / LOCK_NAME).open("a+b", buffering=0)
    except OSError as problem:
        raise DataError(_sentence(folder, problem)) from problem


def _lock(lock: BinaryIO, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise DataError(_taken(folder, lock.read().decode().strip())) from None
    try:
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n".encode())
    except OSError as problem:
        raise DataError(_sentence(folder, problem)) from problem


def _taken(folder: Path, pid: str) -> str:
    return (
        f"Berth already runs on {shown(folder)}/ (pid {pid}): end it first, "
        "or give this one a folder of its own with BERTH_DATA and a PORT of its own."
    )


def _sentence(folder: Path, problem: OSError) -> str:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_space(folder)
    return not_writable(folder, problem.strerror or str(problem))
