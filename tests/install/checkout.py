"""A small checkout that installs for real: the installer, two locks, and wheels instead of an index."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "requirements.install")


@dataclass(frozen=True)
class Checkout:
    """A folder with `requirements/`, and the wheels that its locks name."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def wheels(self) -> Path:
        return self.root / "wheels"

    def lock(self, name: str, *packages: str) -> None:
        """Write the lock of a set: wheels with a command and a module of the package's name."""
        lines = (f"{p}==1.0 --hash=sha256:{_wheel(self.wheels, p)}\n" for p in packages)
        (self.root / "requirements" / f"{name}.txt").write_text("".join(lines))

    def environment(self, **settings: str) -> dict[str, str]:
        """Of a process that can reach these wheels and no index."""
        closed = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri(), "PIP_RETRIES": "0"}
        own = {"PATH": os.environ["PATH"], "HOME": str(self.root), "PIP_CONFIG_FILE": os.devnull}
        return {**own, **closed, **settings}

    def install(self, name: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the installer to its end."""
        return subprocess.run(
            [*COMMAND, name], cwd=self.root, env=self.environment(**settings),
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def start(self, name: str, **settings: str) -> subprocess.Popen[str]:
        """Start the installer in a process group of its own."""
        return subprocess.Popen(
            [*COMMAND, name], cwd=self.root, env=self.environment(**settings),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def answer(self, package: str) -> str:
        """What the command of an installed package prints."""
        return subprocess.check_output([self.venv / "bin" / package], text=True).strip()

    def leftovers(self) -> list[str]:
        return sorted(path.name for path in self.root.glob(".venv.*"))


def checkout_in(root: Path) -> Checkout:
    """A checkout with `run` of one package and `dev` of two."""
    shutil.copytree(ROOT / "requirements", root / "requirements", ignore=_locks)
    made = Checkout(root)
    made.wheels.mkdir()
    made.lock("run", "anchor")
    made.lock("dev", "anchor", "buoy")
    return made


def _locks(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name.endswith((".txt", ".in")) or name == "__pycache__"]


def _wheel(folder: Path, name: str) -> str:
    """Write a wheel and return its hash."""
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": f"def main(): print('{name} answers')\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in {**files, f"{info}/RECORD": _record(files, info)}.items():
            wheel.writestr(zipfile.ZipInfo(file), text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _record(files: Mapping[str, str], info: str) -> str:
    lines = [f"{file},sha256={_digest(text)},{len(text)}" for file, text in files.items()]
    return "\n".join([*lines, f"{info}/RECORD,,", ""])


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
