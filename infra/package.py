"""`make package STAGE=dev`: what CloudFormation needs, in build/<stage>/.

Stages: a copy of what is shipped, its libraries, a policy for each function, `chalice package`
with our template merged in, compiled modules, the index of the routes, then cfn-lint and a trial of
the bundle by itself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from chalicelib import routes
from chalicelib.api.web import route_index
from infra import docstrings, policies, rehearsal, rewrite, template, vendor

ROOT: Final = vendor.ROOT
INFRA: Final = ROOT / "infra"
INDEX: Final = route_index.FILE.relative_to(ROOT)
STAGES: Final = tuple(json.loads((ROOT / ".chalice" / "config.json").read_text())["stages"])
KEPT: Final = frozenset({"prod"})
"""Stages whose tables outlive their stack."""

BUNDLE: Final = "deployment.zip"
TEMPLATE: Final = "sam.json"
STEPS: Final = "steps.json"

LARGEST_BUNDLE: Final = 3_000_000
"""Bytes: what a cold start has to fetch and unpack grows with them."""

ALONE: Final = ("-I", "-S")
"""An interpreter without any library of ours."""


class PackagingError(Exception):
    """The package is not fit to be deployed; the message says why."""


def package(stage: str, out: Path, *, libraries: Path, flags: tuple[str, ...] = ALONE) -> None:
    """Write the bundle and its template for `stage` into `out`. `libraries` is a folder with what
    the app needs beside Chalice. Raises PackagingError."""
    shutil.rmtree(out, ignore_errors=True)
    source = out / "source"
    _copy(source, libraries)
    rehearse(out / STEPS)
    _write_policies(source / ".chalice")
    merged = out / "merge.json"
    merged.write_text(json.dumps(_template(stage), indent=2))
    _chalice("package", "--stage", stage, "--merge-template", str(merged), str(out), cwd=source)
    _rewrite(out / TEMPLATE)
    _compile(out / BUNDLE, out / "compiled", out / STEPS, flags)
    shutil.rmtree(source)
    merged.unlink()


def lint(out: Path) -> None:
    """Raises PackagingError with cfn-lint's findings."""
    command = [sys.executable, "-c", "from cfnlint.runner import main; main()"]
    command.append(str(out / TEMPLATE))
    _run(command, "cfn-lint found something", cwd=ROOT, env=dict(os.environ))


def try_out(out: Path) -> None:
    """Repeat what was rehearsed with the bundle. Raises PackagingError."""
    repeat(out, out / STEPS)


def require_small(out: Path) -> None:
    """Raises PackagingError for a bundle of more than LARGEST_BUNDLE."""
    size = (out / BUNDLE).stat().st_size
    if size > LARGEST_BUNDLE:
        found = f"{size / 1e6:.2f} MB, of which {LARGEST_BUNDLE / 1e6:.2f} are allowed"
        raise PackagingError(f"The bundle has {found}; `make bundle` shows its parts.")


def rehearse(steps: Path) -> None:
    """Write down what the sources do on the embedded AWS. Raises PackagingError."""
    command = [sys.executable, "-m", "infra.rehearsal"]
    steps.write_text(_run(command, "the app does not work", cwd=ROOT, env=_without_aws()))


def repeat(out: Path, steps: Path, flags: tuple[str, ...] = ALONE) -> None:
    """Do the same with the bundle, in a bare interpreter without AWS. Raises PackagingError."""
    unpacked = out / "unpacked"
    with zipfile.ZipFile(out / BUNDLE) as bundle:
        bundle.extractall(unpacked)
    _try(unpacked, steps, flags)


def _try(unpacked: Path, steps: Path, flags: tuple[str, ...], *what: str) -> str:
    script = [str(INFRA / "trial.py"), str(unpacked), str(steps), *what]
    command = [sys.executable, *flags, "-B", *script]
    return _run(command, "the bundle does not work", cwd=unpacked, env=rehearsal.ENVIRONMENT)


def functions() -> dict[str, str]:
    """The functions Chalice deploys, by their names in policies and in CloudFormation."""
    handlers = json.loads((ROOT / ".chalice" / "config.json").read_text())["lambda_functions"]
    return {name.replace("-", "_"): _resource_name(name) for name in handlers}


def _resource_name(handler: str) -> str:
    if handler == "api_handler":
        return "APIHandler"
    return "".join(word.capitalize() for word in handler.replace("-", "_").split("_"))


def _copy(source: Path, libraries: Path) -> None:
    clean = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "chalicelib", source / "chalicelib", ignore=clean)
    shutil.copytree(ROOT / ".chalice", source / ".chalice", ignore=clean)
    shutil.copy(ROOT / "app.py", source)
    (source / "requirements.txt").touch()  # the libraries come from vendor/
    shutil.copytree(libraries, source / "vendor")
    _add_early(source)


def _add_early(source: Path) -> None:
    _precompile(source, source / "vendor" / "early.bin")
    for module in ("early.py", "later.py"):
        shutil.copy(INFRA / module, source / "vendor")
    with (source / "chalicelib" / "__init__.py").open("a") as first:
        first.write("\nimport early, later; early.start()  # noqa\n")


def _compile(bundle: Path, folder: Path, steps: Path, flags: tuple[str, ...]) -> None:
    """Zip the bundle again, with compiled modules for sources and the index of the routes."""
    with zipfile.ZipFile(bundle) as zipped:
        zipped.extractall(folder)
    docstrings.drop(folder / "chalicelib")
    vendor.compile_all(folder, docstrings=True)
    _index(folder, steps, flags)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(bundle, "w") as zipped:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            entry.external_attr = 0o644 << 16
            zipped.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    shutil.rmtree(folder)


def _index(folder: Path, steps: Path, flags: tuple[str, ...]) -> None:
    """Without the modules of a booking first, to see which these are."""
    homes = route_index.homes(routes.ALL)
    (folder / INDEX).write_text(json.dumps({"homes": homes, "first": []}))
    first = json.loads(_try(folder, steps, flags, "needs"))
    (folder / INDEX).write_text(json.dumps({"homes": homes, "first": first}))


def _precompile(source: Path, out: Path) -> None:
    command = [sys.executable, "-B", *vendor.WITHOUT_COLUMNS, str(INFRA / "precompile.py")]
    vendored = {"PYTHONPATH": str(source / "vendor")}
    _run([*command, str(source), str(out)], "the app cannot be imported", cwd=source, env=vendored)


def _write_policies(folder: Path) -> None:
    for function in functions():
        document = json.dumps(policies.document(function), indent=2)
        (folder / f"policy-{function}.json").write_text(document)


def _template(stage: str) -> dict[str, Any]:
    return template.build(stage, functions().values(), keep=stage in KEPT)


def _rewrite(path: Path) -> None:
    """Also compactly: CloudFormation counts the bytes."""
    rewritten = rewrite.rewritten(json.loads(path.read_text()))
    path.write_text(json.dumps(rewritten, separators=(",", ":")))


def _chalice(*arguments: str, cwd: Path) -> None:
    command = [sys.executable, "-c", "from chalice.cli import main; main()", *arguments]
    _run(command, "chalice package failed", cwd=cwd, env=_without_aws())


def _without_aws() -> dict[str, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return environment | {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}


def _run(command: list[str], failed: str, *, cwd: Path, env: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackagingError(f"{failed}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _libraries() -> Path:
    try:
        return vendor.vendored()
    except subprocess.CalledProcessError:
        text = "The libraries for Lambda could not be fetched; pip says above why"
        raise PackagingError(f"{text}. The first time, this needs a network.") from None


def main(stage: str) -> None:
    """Package, lint, try, and print the result. Raises PackagingError."""
    out = ROOT / "build" / stage
    package(stage, out, libraries=_libraries())
    require_small(out)
    lint(out)
    try_out(out)
    size = (out / BUNDLE).stat().st_size
    resources = json.loads((out / TEMPLATE).read_text())["Resources"]
    print(f"{out.relative_to(ROOT)}/{BUNDLE}  {size / 1e6:.2f} MB for Python {vendor.MINOR}")
    print(f"{out.relative_to(ROOT)}/{TEMPLATE}  {len(resources)} resources, cfn-lint clean")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in STAGES:
        sys.exit(f"usage: make package STAGE={'|'.join(STAGES)}")
    try:
        main(sys.argv[1])
    except PackagingError as error:
        sys.exit(str(error))
