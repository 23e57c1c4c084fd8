"""What is measured: Berth's bundle as packaged, and the two yardsticks built beside it; and that
bundle again with many rooms to check out."""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench import record, rooms, signing
from infra import package as packaging
from infra import vendor

ROOT: Final = vendor.ROOT
OUT: Final = ROOT / "build" / "bench"
_BOTOCORE: Final = ("botocore", "urllib3", "jmespath", "dateutil", "six.py")


@dataclass(frozen=True)
class Peer:
    """One handler in a folder of its own, with what it is to be asked."""

    name: str
    folder: Path
    module: str
    attribute: str
    recorded: Path
    zipped: int
    """Bytes of its zip."""


def build() -> tuple[Peer, ...]:
    """Plain, bare and Berth, ready to be started. Settings come from the environment."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    return _plain(), _bare(), _berth()


def of_rooms(berth: Peer) -> tuple[Peer, ...]:
    """Berth with a hundred rooms to check out, one by one and all at once."""
    return tuple(
        replace(berth, name=name, recorded=_save(name.replace(" ", "-"), script))
        for name, script in rooms.scripts().items()
    )


def _berth() -> Peer:
    out = OUT / "berth"
    packaging.package("prod", out, libraries=vendor.vendored())
    packaging.try_out(out)
    recorded = _save("berth", record.booking())
    size = (out / packaging.BUNDLE).stat().st_size
    return Peer("Berth as packaged", out / "unpacked", "app", "app", recorded, size)


def _plain() -> Peer:
    """With botocore as a Lambda runtime has it: whole, and compiled."""
    return _peer("plain: stdlib + botocore", "plain", "handler", _BOTOCORE)


def _bare() -> Peer:
    """With the same botocore."""
    libraries = (*_BOTOCORE, "pynamodb", "chalice/__init__.py", "chalice/app.py")
    return _peer("bare: Chalice + PynamoDB", "bare", "app", libraries)


def _peer(name: str, module: str, attribute: str, libraries: tuple[str, ...]) -> Peer:
    folder = OUT / module
    site = Path(sysconfig.get_path("purelib"))
    for library in libraries:
        _copy(site / library, folder / library)
    for file in ("__init__.py", "signing.py", f"{module}.py"):
        _copy(Path(__file__).with_name(file), folder / "bench" / file)
    vendor.compile_all(folder, docstrings=True)
    recorded = _save(module, _alone())
    return Peer(name, folder, f"bench.{module}", attribute, recorded, _zipped(folder))


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _alone() -> record.Script:
    """The one event of a yardstick; its transaction is answered with nothing, as DynamoDB does."""
    body = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "A. Guest"}
    event = record.event("/api/user/book-slot", signing.signed("US1"), body)
    scene = record.Scene(events=[event], replies=["{}"], cpu=0)
    return {"cold": scene, "warm": scene}


def _save(name: str, script: record.Script) -> Path:
    path = OUT / f"{name}.json"
    path.write_text(json.dumps(script))
    return path


def _zipped(folder: Path) -> int:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(folder.rglob("*")):
            zipped.write(file, file.relative_to(folder))
    return path.stat().st_size


def command(peer: Peer, calls: int) -> list[str]:
    """The fresh interpreter that measures a peer once."""
    script = str(Path(__file__).with_name("first_call.py"))
    where = [str(peer.folder), peer.module, peer.attribute, str(peer.recorded), str(calls)]
    return [sys.executable, "-I", "-S", "-B", script, *where]
