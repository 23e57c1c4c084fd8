"""The stamp of an environment, and how one takes the place of another."""

from __future__ import annotations

import os
from pathlib import Path

from requirements import environment


def made(folder: Path, interpreter: str = "#!/bin/sh\necho none\n") -> Path:
    """A folder that looks like an environment."""
    python = environment.python(folder)
    python.parent.mkdir(parents=True)
    python.write_text(interpreter)
    python.chmod(0o755)
    (folder / "pyvenv.cfg").write_text(f"command = python -m venv {folder}\n")
    return folder


def test_the_stamp_knows_the_lock_and_the_python_but_no_date(tmp_path: Path) -> None:
    lock = tmp_path / "run.txt"
    lock.write_text("anchor==1.0\n")
    first = environment.stamp({"run": lock})
    os.utime(lock, (0, 0))
    assert environment.stamp({"run": lock}) == first
    lock.write_text("anchor==1.1\n")
    changed = environment.stamp({"run": lock})
    assert changed["run"] != first["run"]
    assert changed["python"] == first["python"] == environment.TAG


def test_a_missing_or_damaged_stamp_records_nothing(tmp_path: Path) -> None:
    assert environment.read_stamp(tmp_path) == {}
    (tmp_path / environment.STAMP).write_text('{"python": ')
    assert environment.read_stamp(tmp_path) == {}


def test_an_interpreter_of_another_version_does_not_answer(tmp_path: Path) -> None:
    same = made(tmp_path / "same", f"#!/bin/sh\necho {environment.TAG}\n")
    other = made(tmp_path / "other", "#!/bin/sh\necho cpython-310\n")
    assert environment.answers(same)
    assert not environment.answers(other)
    assert not environment.answers(tmp_path / "missing")


def test_the_new_environment_takes_the_place_and_the_name_of_the_old(tmp_path: Path) -> None:
    old, new = made(tmp_path / ".venv"), made(tmp_path / ".venv.new")
    (old / "dropped").touch()
    environment.complete(new, old, {"run": "1"})
    assert not (old / "dropped").exists()
    assert environment.read_stamp(old) == {"run": "1"}
    assert (old / "pyvenv.cfg").read_text() == f"command = python -m venv {old}\n"
    assert [path.name for path in tmp_path.iterdir()] == [".venv"]


def test_a_link_is_replaced_and_its_target_is_left(tmp_path: Path) -> None:
    shared, link = made(tmp_path / "shared"), tmp_path / ".venv"
    link.symlink_to(shared)
    environment.complete(made(tmp_path / ".venv.new"), link, {})
    assert not link.is_symlink()
    assert environment.python(shared).exists()
