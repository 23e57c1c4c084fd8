"""The choice of the Python for an environment, and the message where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.install.checkout import ROOT

SCRIPT = ROOT / "requirements" / "find-python"
OLD = "sys.version_info = (3, 9, 18); "
WITHOUT_VENV = "sys.version_info = (3, 11, 2); sys.modules['ensurepip'] = None; "


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder that is the whole PATH."""
    (tmp_path / "bin").mkdir()
    shell = shutil.which("sh")
    assert shell
    (tmp_path / "bin" / "sh").symlink_to(shell)
    return tmp_path / "bin"


def put(machine: Path, name: str, change: str = "") -> str:
    """Put a Python on the PATH, this one with a change; return what it calls itself."""
    code = f"import sys; sys.executable = '{machine / name}'; {change}exec(sys.argv[1])"
    stub = machine / name
    stub.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$2"\n')
    stub.chmod(0o755)
    return str(stub)


def find(machine: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine), **settings}
    command = [str(machine / "sh"), str(SCRIPT)]
    return subprocess.run(
        command, cwd=machine.parent, env=environment, capture_output=True, text=True, check=False
    )


def refusal(machine: Path, **settings: str) -> str:
    """The one sentence on stderr."""
    done = find(machine, **settings)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    return done.stderr


def test_the_newest_tried_one_is_taken(machine: Path) -> None:
    put(machine, "python3", OLD)
    put(machine, "python3.11")
    newest = put(machine, "python3.13")
    assert find(machine).stdout.strip() == newest


def test_an_environment_keeps_its_python(machine: Path) -> None:
    put(machine, "python3.13")
    inside = machine.parent / ".venv" / "bin"
    inside.mkdir(parents=True)
    kept = put(inside, "python")
    assert find(machine).stdout.strip() == kept


def test_an_environment_that_does_not_start_is_passed_over(machine: Path) -> None:
    newest = put(machine, "python3.13")
    inside = machine.parent / ".venv" / "bin"
    inside.mkdir(parents=True)
    (inside / "python").symlink_to("/nowhere/python3")
    assert find(machine).stdout.strip() == newest


def test_a_named_python_is_taken_before_all_others(machine: Path, tmp_path: Path) -> None:
    put(machine, "python3.13")
    named = put(tmp_path, "python")
    assert find(machine, PYTHON=named).stdout.strip() == named


def test_without_any_python_the_sentence_says_so(machine: Path) -> None:
    assert refusal(machine).startswith("Berth needs Python 3.11 or newer and found none.")


def test_an_old_python_is_named(machine: Path) -> None:
    put(machine, "python3", OLD)
    assert "found Python 3.9.18 (python3)." in refusal(machine)


def test_a_named_python_that_is_too_old_is_refused_by_name(machine: Path) -> None:
    put(machine, "python3.13")
    old = put(machine, "python", OLD)
    expected = f"PYTHON={old} is Python 3.9.18 ({old}); Berth needs Python 3.11 or newer.\n"
    assert refusal(machine, PYTHON=old) == expected


def test_a_name_that_is_no_python_is_refused(machine: Path) -> None:
    expected = "PYTHON=python9 is no Python; Berth needs Python 3.11 or newer.\n"
    assert refusal(machine, PYTHON="python9") == expected


def test_a_python_without_venv_comes_with_what_to_install(machine: Path) -> None:
    put(machine, "python3", WITHOUT_VENV)
    assert refusal(machine) == (
        "python3 is Python 3.11.2 without venv; on Debian and Ubuntu: apt install python3.11-venv\n"
    )


def test_a_python_without_venv_is_passed_over_for_one_with_it(machine: Path) -> None:
    put(machine, "python3.13", WITHOUT_VENV)
    whole = put(machine, "python3")
    assert find(machine).stdout.strip() == whole


def test_the_script_is_plain_sh() -> None:
    dash = shutil.which("dash")
    if dash is None:
        pytest.skip("no dash on this machine")
    assert (
        subprocess.run([dash, "-n", str(SCRIPT)], env=dict(os.environ), check=False).returncode == 0
    )
