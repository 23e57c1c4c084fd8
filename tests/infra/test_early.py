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
early.start()
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
    print("frozen")
"""

_AS_SHOWN = """
import sys
if sys.argv[1] == "early":
    import early
    early.start()
import dataclasses, typing
from dataclasses import FrozenInstanceError, InitVar, dataclass, field

@dataclass(frozen=True)
class Empty: ...

@dataclass(frozen=True)
class One:
    only: "int"

@dataclass(frozen=True)
class Two(One):
    shared: "typing.ClassVar[int]" = 7
    other: "object" = field(default=None, hash=False)
    hidden: "str" = field(default="x", repr=False)
    at_first: "InitVar[int]" = 0

@dataclass(frozen=True, slots=True)
class Slotted:
    held: "int"
    _: "dataclasses.KW_ONLY"
    named: "int" = 2

@dataclass(eq=True, unsafe_hash=True)
class Changing:
    inner: "object" = None

class Child(Two):
    pass

def tried(what):
    try:
        return what()
    except (FrozenInstanceError, TypeError) as error:
        return type(error).__name__, str(error)

loop = Changing()
loop.inner = loop
found = [Empty(), One(1), Two(1, [], "y"), Slotted(1, named=3), Changing("a"), loop, Child(2)]
for each in found:
    print(repr(each), tried(lambda: hash(each)) if each is not loop else "")
    print(sorted(f.name for f in dataclasses.fields(each)))
    for name in ("only", "held", "inner", "shared", "new"):
        print(name, tried(lambda: setattr(each, name, 1)), tried(lambda: delattr(each, name)))
for kind in (Empty, One, Two, Slotted, Changing):
    for name in ("__init__", "__repr__", "__hash__", "__setattr__", "__delattr__", "__eq__"):
        print(getattr(kind, name).__qualname__, getattr(kind, name).__name__)
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
    assert done.stdout == "frozen\n"


def test_a_class_behaves_as_python_makes_it(bundle: Path) -> None:
    as_python, ours = (
        subprocess.run(
            [sys.executable, "-c", _AS_SHOWN, how],
            env={"PYTHONPATH": str(bundle), "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for how in ("python", "early")
    )

    assert "FrozenInstanceError" in ours
    assert ours == as_python


def test_what_is_known_ahead_is_code_by_the_hash_of_its_text(bundle: Path) -> None:
    known = marshal.loads((bundle / "early.bin").read_bytes())

    assert len(known) > 100
    assert {(type(key), len(key)) for key in known} == {(bytes, 16)}
    assert {marshal.loads(code).co_filename for code in known.values()} == {"<dataclass>"}
