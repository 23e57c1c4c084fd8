"""The targets of the Makefile: what they pass on, what they leave out, and what they never delete."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.install.checkout import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
INTERPRETER = """\
#!/bin/sh
case "$1 $2" in
  "-c "*) echo "$0" ;;
  "-m requirements.install") echo "installing $3" ;;
  *) echo "$* with PORT=$PORT FRESH=$FRESH" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile beside an environment whose interpreter only says what it is asked for."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(INTERPRETER)
    python.chmod(0o755)
    return tmp_path


def make(checkout: Path, *arguments: str) -> list[str]:
    command = ["make", "--no-print-directory", *arguments]
    environment = {"PATH": "/usr/bin:/bin"}
    return subprocess.check_output(command, cwd=checkout, env=environment, text=True).splitlines()


def test_run_installs_the_run_set_and_passes_its_settings_on(checkout: Path) -> None:
    assert make(checkout, "run", "PORT=8123", "FRESH=1") == [
        "installing run",
        "-m local run with PORT=8123 FRESH=1",
    ]


@pytest.mark.parametrize("target", ["test", "quick", "cover", "lint", "format", "bench", "mails"])
def test_development_installs_the_dev_set(checkout: Path, target: str) -> None:
    assert make(checkout, target)[0] == "installing dev"


def test_quick_leaves_out_folders_that_exist() -> None:
    slow = re.search(r"^SLOW := (.+)$", MAKEFILE, re.MULTILINE)
    assert slow
    assert [name for name in slow[1].split() if not (ROOT / "tests" / name).is_dir()] == []


def test_clean_keeps_what_a_user_made(checkout: Path) -> None:
    kept = checkout / ".data" / "berth.sqlite"
    kept.parent.mkdir()
    kept.touch()
    make(checkout, "clean")
    assert kept.exists()
    assert not (checkout / ".venv").exists()


def test_help_lists_every_target_that_has_a_line_of_help(checkout: Path) -> None:
    listed = [line.split()[0] for line in make(checkout)]
    assert listed == re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)
    assert {"run", "test", "quick", "lint", "lock", "clean"} <= set(listed)
