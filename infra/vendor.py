"""The libraries of requirements.txt as Lambda gets them: downloaded for its platform, cut down to
what is used, and compiled. See docs/decisions/packaging.md for what each cut is worth.

Stages: download, prune, trim botocore's data, compile. The result is kept under `build/` by the
hash of what it is made from.
"""

from __future__ import annotations

import compileall
import gzip
import hashlib
import json
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import chalice

ROOT: Final = Path(__file__).parents[1]
REQUIREMENTS: Final = ROOT / "requirements.txt"
MINOR: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
SERVICES: Final = ("apigatewaymanagementapi", "dynamodb", "ses")
ENDPOINTS: Final = ("dynamodb", "email")
"""SES's name in endpoints.json is email."""

PLATFORMS: Final = ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_26_x86_64")
NEWER_PLATFORMS: Final = ("manylinux_2_28_x86_64", "manylinux_2_34_x86_64")
"""Lambda's Python 3.12 and newer runs on Amazon Linux 2023, glibc 2.34; 3.11 on glibc 2.26."""

UNCHECKED: Final = py_compile.PycInvalidationMode.UNCHECKED_HASH
"""Files in the bundle all carry the same date, so a date would tell nothing."""

UNUSED: Final = (
    "bin",  # qr, jp.py and the like
    "cffi",  # only its compiled _cffi_backend is needed by argon2
    "pycparser",
    "dateutil/zoneinfo/*.tar.gz",  # zoneinfo and tzdata are used instead
    "*.dist-info/RECORD",
    "*.dist-info/WHEEL",
    "**/*.pyi",
    "**/py.typed",
    "dateutil/easter.py",
    "dateutil/rrule.py",
    "dateutil/tz/win.py",
    "jinja2/ext.py",  # extensions, sandbox and bytecode cache: nobody asks for them
    "jinja2/sandbox.py",
    "qrcode/console_scripts.py",
    "qrcode/image/*pil*.py",
    "qrcode/tests",
    "urllib3/contrib/emscripten",
    "urllib3/contrib/pyopenssl.py",
    "urllib3/contrib/socks.py",
    "botocore/data/dynamodb/2011-12-05",
    "botocore/data/*/*/examples-1.json",
    "botocore/data/*/*/waiters-2.json",
    "botocore/data/*/*/paginators-1*.json",
)


def vendored() -> Path:
    """A folder with the libraries, made when it is not there yet. Needs pip, and a network or its
    cache. Raises CalledProcessError when a library cannot be had for Lambda's platform."""
    made_from = REQUIREMENTS.read_bytes() + Path(__file__).read_bytes()
    made_from += chalice.__version__.encode()
    kept = ROOT / "build" / f"vendor-{MINOR}-{hashlib.sha256(made_from).hexdigest()[:12]}"
    if not kept.exists():
        making = kept.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        _make(making)
        making.rename(kept)
    return kept


def compile_beside(folder: Path) -> None:
    """Compile modules into __pycache__, with their sources left for tracebacks."""
    _compile(folder, legacy=False, optimize=0)  # OpenAPI reads the docstrings of our views


def compile_file(source: Path, cache: Path) -> None:
    """Compile one module of the bundle's root or of a package in it into `cache`."""
    package = cache.parent.name
    below = "" if package == "vendor" else f"{package}/"
    py_compile.compile(
        str(source),
        cfile=str(cache / f"{source.stem}.{sys.implementation.cache_tag}.pyc"),
        dfile=f"/var/task/{below}{source.name}",
        doraise=True,
        invalidation_mode=UNCHECKED,
    )


def _make(folder: Path) -> None:
    _download(folder)
    _prune(folder)
    _trim_botocore(folder / "botocore" / "data")
    _compile(folder, legacy=True, optimize=2)
    for source in folder.rglob("*.py"):
        source.unlink()
    _compile_chalice(folder)


def _download(folder: Path) -> None:
    platforms = PLATFORMS + (NEWER_PLATFORMS if sys.version_info >= (3, 12) else ())
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "--no-deps", "--no-compile", "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", MINOR]
    for platform in platforms:
        command += ["--platform", platform]
    command += ["--target", str(folder), "--requirement", str(REQUIREMENTS)]
    subprocess.run(command, check=True)


def _prune(folder: Path) -> None:
    for pattern in UNUSED:
        for path in list(folder.glob(pattern)):
            _remove(path)
    for path in (folder / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            _remove(path)


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _trim_botocore(data: Path) -> None:
    endpoints = json.loads((data / "endpoints.json").read_text())
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in ENDPOINTS if name in services}
    (data / "endpoints.json").write_text(_compact(endpoints))
    for path in data.glob("*/*/service-2.json.gz"):
        described = json.loads(gzip.decompress(path.read_bytes()))
        path.write_bytes(gzip.compress(_compact(_undocumented(described)).encode(), mtime=0))


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _undocumented(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k != "documentation" or not isinstance(v, str)}
        return {key: _undocumented(part) for key, part in kept.items()}
    if isinstance(value, list):
        return [_undocumented(part) for part in value]
    return value


def _compile_chalice(folder: Path) -> None:
    """Chalice's own packager adds these two as sources only."""
    for name in ("__init__.py", "app.py"):
        source = Path(chalice.__file__).with_name(name)
        compile_file(source, folder / "chalice" / "__pycache__")


def _compile(folder: Path, *, legacy: bool, optimize: int) -> None:
    done = compileall.compile_dir(
        folder,
        quiet=1,
        force=True,
        legacy=legacy,
        optimize=optimize,
        stripdir=str(folder if legacy else folder.parent),
        prependdir="/var/task",
        invalidation_mode=UNCHECKED,
    )
    if not done:
        raise RuntimeError(f"{folder} does not compile")
