"""The libraries of requirements.txt as Lambda gets them: downloaded for its platform, cut down to
what is used, and compiled. See docs/decisions/packaging.md for what each cut is worth.

Stages: download, prune, put names in botocore's place, compile. The result is kept under `build/`
by the hash of what it is made from.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

from infra import cldr_data

ROOT: Final = Path(__file__).parents[1]
REQUIREMENTS: Final = ROOT / "requirements.txt"
MINOR: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
PLATFORMS: Final = ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_26_x86_64")
NEWER_PLATFORMS: Final = ("manylinux_2_28_x86_64", "manylinux_2_34_x86_64")
"""Lambda's Python 3.12 and newer runs on Amazon Linux 2023, glibc 2.34; 3.11 on glibc 2.26."""

WITHOUT_COLUMNS: Final = ("-X", "no_debug_ranges")
"""Compiled modules are a quarter smaller when a traceback names lines only."""

UNUSED: Final = (
    "[!r]*.dist-info",
    "re*.dist-info",  # that of requests; the SDK of Razorpay reads its own for its version
    "razorpay-*.dist-info/[!M]*",
    "bin",  # qr, jp.py and the like
    "cffi",  # only its compiled _cffi_backend is needed by argon2
    "pycparser",
    "dateutil",  # this and the next two are botocore's, of which hardly anything is left
    "jmespath",
    "six.py",
    "charset_normalizer",  # a guess at encodings; see CHARSETS
    "razorpay/ca-bundle.crt",  # certifi's is newer, and in one place for all
    "urllib3/contrib/emscripten",
    "urllib3/contrib/pyopenssl.py",
    "urllib3/http2/connection.py",
    "requests/help.py",
    "**/*.pyi",
    "**/py.typed",
    "**/tests",
    "argon2/__main__.py",
    "babel/messages",  # catalogues of gettext, which ours are not
    "babel/support.py",
    "jinja2/ext.py",  # extensions, sandbox and the like: nobody asks for them
    "jinja2/meta.py",
    "jinja2/nativetypes.py",
    "jinja2/sandbox.py",
    "qrcode/console_scripts.py",
    "qrcode/image/*pil*.py",
    "qrcode/image/styles/colormasks.py",
    "qrcode/image/styles/moduledrawers/pil.py",
    "qrcode/image/styles/moduledrawers/svg.py",
    "qrcode/image/svg.py",
    "qrcode/release.py",
    "tzdata/zoneinfo/*.tab",  # lists for people
    "tzdata/zoneinfo/leapseconds",
    "tzdata/zoneinfo/tzdata.zi",
)

OF_BOTOCORE: Final = ("__init__.py", "exceptions.py", "vendored")
"""What is left of it: `chalicelib/aws` asks AWS, and raises its errors."""

NAMES: Final = {
    "client": "from botocore.exceptions import ClientError\nclass BaseClient: pass",
    "config": "",
    "credentials": "class Credentials: pass",
    "endpoint": "class Endpoint: pass",
    "hooks": "class HierarchicalEmitter: pass",
    "model": "",
    "session": "class Session: pass\ndef get_session(): raise NotImplementedError",
    "signers": "class RequestSigner: pass",
}
"""What PynamoDB names of botocore's other modules when it is imported, and never uses over our own
connection."""


CHARSETS: Final = '__version__ = "3.0.0"\ndef detect(content): return {"encoding": "utf-8"}\n'
"""In the place of charset_normalizer, which requests wants: who answers us answers JSON."""


def vendored() -> Path:
    """A folder with the libraries, made when it is not there yet. Needs pip, and a network or its
    cache. Raises CalledProcessError when a library cannot be had for Lambda's platform."""
    made_by = (Path(__file__), Path(cldr_data.__file__))
    made_from = REQUIREMENTS.read_bytes() + b"".join(path.read_bytes() for path in made_by)
    kept = ROOT / "build" / f"vendor-{MINOR}-{hashlib.sha256(made_from).hexdigest()[:12]}"
    if not kept.exists():
        making = kept.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        _make(making)
        making.rename(kept)
    return kept


def compile_all(folder: Path, *, docstrings: bool) -> None:
    """Put compiled modules in the place of their sources: unchecked, for files in a bundle all
    carry the same date. `docstrings` keeps
    them, and asserts. Raises CalledProcessError for what does not compile."""
    command = [sys.executable, *WITHOUT_COLUMNS, "-m", "compileall", "-q", "-f", "-b"]
    command += ["-o", "0" if docstrings else "2", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, "-s", str(folder), "-p", "/var/task", str(folder)], check=True)
    for source in folder.rglob("*.py"):
        source.unlink()


def _make(folder: Path) -> None:
    _download(folder)
    _prune(folder)
    cldr_data.cut(folder / "babel")
    _name(folder / "botocore")
    (folder / "charset_normalizer.py").write_text(CHARSETS)
    _join(folder / "tzdata", "zoneinfo")
    compile_all(folder, docstrings=False)


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
    for path in (folder / "botocore").iterdir():
        if path.name not in OF_BOTOCORE:
            _remove(path)


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _name(botocore: Path) -> None:
    for module, text in NAMES.items():
        (botocore / module).with_suffix(".py").write_text(f"{text}\n")


def _join(package: Path, inner: str) -> None:
    """Put an inner package of many small files into one file beside it, uncompressed: the bundle
    compresses it as a whole. Python looks into a zip as into a folder."""
    with zipfile.ZipFile(package / f"{inner}.zip", "w") as zipped:
        for file in sorted((package / inner).rglob("*")):
            zipped.write(file, file.relative_to(package))
    shutil.rmtree(package / inner)
    with (package / "__init__.py").open("a") as first:
        first.write(f"\n__path__.append(__path__[0] + '/{inner}.zip')\n")
