"""What the bundle compiles ahead behaves as if it were compiled at import."""

from __future__ import annotations

import marshal
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra import package

_KNOWN_AND_UNKNOWN = """
import early
texts = list(early._COMPILED)
import dataclasses, app
from chalicelib.domain.core.money import Money
assert Money(5, "INR") == Money(5, "INR") != Money(6, "INR")
assert repr(Money(5, "INR")) == "Money(minor=5, currency='INR')"

@dataclasses.dataclass(frozen=True, order=True)
class NobodyKnowsMe:
    first_time_anybody_saw_this: int

assert NobodyKnowsMe(1) < NobodyKnowsMe(2)
try:
    NobodyKnowsMe(1).first_time_anybody_saw_this = 2
except dataclasses.FrozenInstanceError:
    print(len(texts))
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("early")
    script = str(package.INFRA / "precompile.py")
    command = [sys.executable, script, str(package.ROOT), str(folder / "early.bin")]
    subprocess.run(command, check=True, capture_output=True, env={"PATH": os.environ["PATH"]})
    shutil.copy(package.INFRA / "early.py", folder)
    return folder


def test_classes_known_ahead_and_classes_unknown_work_alike(bundle: Path) -> None:
    path = os.pathsep.join([str(bundle), str(package.ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", _KNOWN_AND_UNKNOWN],
        env={"PYTHONPATH": path, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100


def test_what_is_known_ahead_is_code_by_the_hash_of_its_text(bundle: Path) -> None:
    known = marshal.loads((bundle / "early.bin").read_bytes())

    assert {(type(key), len(key)) for key in known} == {(bytes, 16)}
    assert all(code.co_filename == "<dataclass>" for code in known.values())
