"""The locks: complete for each supported Python, one version of everything, every file hashed."""

from __future__ import annotations

import ast
import itertools
import json
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.install.checkout import ROOT

FOLDER = ROOT / "requirements"
LOCKS = {
    "lambda": ROOT / "requirements.txt",
    "run": FOLDER / "run.txt",
    "dev": FOLDER / "dev.txt",
    "tools": FOLDER / "tools.txt",
    "clients": FOLDER / "clients.txt",
}
NPM = ROOT / "tests" / "clients" / "typescript" / "package-lock.json"
IN_HERE = ("lambda", "run", "dev")
"""Sets that the environment of the tests holds, and with them what each package requires."""

MACHINES = [
    {"python_full_version": f"{minor}.0", "python_version": minor, **platform}
    for minor in ("3.11", "3.12", "3.13", "3.14")
    for platform in (
        {"sys_platform": "linux", "platform_system": "Linux"},
        {"sys_platform": "darwin", "platform_system": "Darwin"},
    )
]

each_machine = pytest.mark.parametrize(
    "machine", MACHINES, ids=lambda each: f"{each['sys_platform']}-{each['python_version']}"
)

IMPORTERS = {
    "lambda": ["app.py", "chalicelib"],
    "run": ["local"],
    "dev": ["bench", "docs", "infra", "requirements", "tests"],
}
"""What is written with the packages of a set."""

ADDED_BY_CHALICE = {"chalice"}
"""`chalice package` puts its runtime into the bundle itself."""

OURS = {"app", "chalicelib", "local", "bench", "docs", "infra", "requirements", "tests"}
BESIDE_THE_SCRIPT = {"early"}
"""Found by a script in its own folder."""
GENERATED = {"berth_client"}
"""Made from the OpenAPI document by tests/clients."""


def locked(name: str) -> list[tuple[Requirement, int]]:
    """The entries of a lock, each with the number of its hashes."""
    found: list[tuple[Requirement, int]] = []
    for line in LOCKS[name].read_text().splitlines():
        if line.startswith("    --hash=sha256:"):
            requirement, hashes = found.pop()
            found.append((requirement, hashes + 1))
        elif not line.startswith((" ", "#")):
            found.append((Requirement(line.removesuffix(" \\")), 0))
    return found


def versions(name: str, machine: dict[str, str]) -> dict[str, str]:
    """What a lock installs on a machine: version by package."""
    entries = [entry for entry, _ in locked(name) if applies(entry, machine)]
    result: dict[str, str] = {
        canonicalize_name(entry.name): str(entry.specifier).removeprefix("==") for entry in entries
    }
    assert len(result) == len(entries), "a package in two versions"
    return result


def applies(requirement: Requirement, machine: dict[str, str], extra: str = "") -> bool:
    here = {name: str(value) for name, value in default_environment().items()}
    marker = requirement.marker
    return marker is None or marker.evaluate({**here, **machine, "extra": extra})


def asked(name: str) -> Iterator[Requirement]:
    """The lines of a `.in` file and of those it begins with."""
    for line in (FOLDER / f"{name}.in").read_text().splitlines():
        if line.startswith("-r "):
            yield from asked(line.removeprefix("-r ").removesuffix(".in"))
        elif line and not line.startswith("#"):
            yield Requirement(line)


def required(name: str, machine: dict[str, str]) -> Iterator[Requirement]:
    """All that the packages of a set require on a machine, from what is asked for downwards."""
    todo, seen = list(asked(name)), set()
    while todo:
        requirement = todo.pop()
        yield requirement
        for extra in ("", *requirement.extras):
            if (requirement.name, extra) not in seen:
                seen.add((requirement.name, extra))
                below = map(Requirement, metadata.requires(requirement.name) or ())
                todo += [each for each in below if applies(each, machine, extra)]


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_is_one_version_with_hashes(name: str) -> None:
    entries = locked(name)
    assert len(entries) > 10
    assert [str(entry) for entry, hashes in entries if hashes == 0] == []
    assert [str(entry) for entry, _ in entries if not str(entry.specifier).startswith("==")] == []


def test_every_npm_package_is_one_version_with_a_hash_and_from_no_registry_in_particular() -> None:
    packages = json.loads(NPM.read_text())["packages"]
    packages.pop("")
    assert len(packages) > 10
    assert {
        name for name, each in packages.items() if not each["integrity"].startswith("sha512-")
    } == set()
    assert {name for name, each in packages.items() if "resolved" in each} == set()


@each_machine
@pytest.mark.parametrize("name", IN_HERE)
def test_a_lock_has_all_that_its_packages_require_and_nothing_else(
    name: str, machine: dict[str, str]
) -> None:
    have, need = versions(name, machine), list(required(name, machine))
    assert {canonicalize_name(each.name) for each in need} == have.keys()
    wrong = [
        str(each)
        for each in need
        if not each.specifier.contains(have[canonicalize_name(each.name)], prereleases=True)
    ]
    assert wrong == []


@each_machine
def test_no_package_differs_between_locks(machine: dict[str, str]) -> None:
    every = [versions(name, machine) for name in LOCKS]
    for one, other in itertools.combinations(every, 2):
        shared = one.keys() & other.keys()
        assert {name: one[name] for name in shared} == {name: other[name] for name in shared}


@each_machine
def test_a_larger_lock_has_all_of_the_smaller(machine: dict[str, str]) -> None:
    of_lambda, of_run, of_dev = (versions(name, machine).items() for name in IN_HERE)
    assert of_lambda < of_run < of_dev


@pytest.mark.parametrize("name", IMPORTERS)
def test_a_lock_has_all_that_its_code_imports(name: str) -> None:
    have = set(versions(name, MACHINES[0])) | ADDED_BY_CHALICE
    homes = metadata.packages_distributions()
    lacking = {
        module: homes.get(module, [])
        for module in imported(name)
        if not have & {canonicalize_name(home) for home in homes.get(module, [])}
    }
    assert lacking == {}


def imported(name: str) -> set[str]:
    """The foreign top-level modules that the code of a set imports."""
    paths = [ROOT / part for part in IMPORTERS[name]]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]
    found = {module for file in files for module in _modules(file)}
    return found - sys.stdlib_module_names - OURS - BESIDE_THE_SCRIPT - GENERATED


def _modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
