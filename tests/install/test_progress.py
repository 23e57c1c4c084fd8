"""Progress is read from the lines of each pip that a supported Python brings."""

from __future__ import annotations

import io

import pytest

from requirements.progress import Progress

PIP_23 = """\
Ignoring ansicon: markers 'sys_platform == "win32"' don't match your environment
Collecting argon2-cffi-bindings==26.2.0
  Downloading argon2_cffi_bindings-26.2.0-cp310-abi3-manylinux_2_26_x86_64.whl (26 kB)
Collecting moto==5.2.5
  Using cached moto-5.2.5-py3-none-any.whl (6.8 MB)
Installing collected packages: argon2-cffi-bindings, moto
"""
PIP_24 = """\
Ignoring ansicon: markers 'sys_platform == "win32"' don't match your environment
Collecting argon2-cffi-bindings==26.2.0 (from -r requirements/run.txt (line 15))
  Downloading argon2_cffi_bindings-26.2.0-cp310-abi3-manylinux_2_26_x86_64.whl.metadata (4.1 kB)
Collecting moto==5.2.5 (from -r requirements/run.txt (line 20))
  Using cached moto-5.2.5-py3-none-any.whl.metadata (6 kB)
Downloading argon2_cffi_bindings-26.2.0-cp310-abi3-manylinux_2_26_x86_64.whl (26 kB)
Using cached moto-5.2.5-py3-none-any.whl (6.8 MB)
Installing collected packages: argon2-cffi-bindings, moto
"""
ADDED = """\
Ignoring ansicon: markers 'sys_platform == "win32"' don't match your environment
Requirement already satisfied: argon2-cffi-bindings==26.2.0 in ./.venv.new/lib/python3.13/site-packages (23.2.1)
Processing /wheels/moto-5.2.5-py3-none-any.whl
Installing collected packages: moto
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("output", [PIP_23, PIP_24, ADDED])
def test_a_terminal_shows_one_line_that_counts_what_this_machine_needs(output: str) -> None:
    terminal = Terminal()
    with Progress(3, terminal) as progress:
        for line in output.splitlines(keepends=True):
            progress.heed(line)
    assert terminal.getvalue().split("\r\033[K") == [
        "",
        "  installing 1 of 2: argon2-cffi-bindings",
        "  installing 2 of 2: moto",
        "  unpacking 2 packages\n",
    ]


def test_elsewhere_every_tenth_package_is_a_line() -> None:
    log = io.StringIO()
    with Progress(21, log) as progress:
        for number in range(1, 22):
            progress.heed(f"  Downloading package_{number}-1.0-py3-none-any.whl (1 kB)\n")
        progress.heed("Installing collected packages: package-1\n")
    assert log.getvalue().splitlines() == [
        "  installing 10 of 21: package-10",
        "  installing 20 of 21: package-20",
        "  unpacking 21 packages",
    ]
