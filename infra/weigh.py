"""`make bundle`: what the packaged bundle weighs, part by part, as zipped."""

from __future__ import annotations

import sys
import zipfile
from collections import Counter
from pathlib import Path

from infra.package import BUNDLE, ROOT


def weights(bundle: Path) -> Counter[str]:
    """Compressed bytes by top-level name, the zip's own entries for each file included."""
    found: Counter[str] = Counter()
    with zipfile.ZipFile(bundle) as zipped:
        for entry in zipped.infolist():
            found[entry.filename.split("/")[0]] += entry.compress_size + _overhead(entry)
    return found


def _overhead(entry: zipfile.ZipInfo) -> int:
    return 30 + 46 + 2 * len(entry.filename.encode())


def main(stage: str) -> None:
    """Print the heaviest first. Ends the process where nothing is packaged."""
    bundle = ROOT / "build" / stage / BUNDLE
    if not bundle.exists():
        sys.exit(f"There is no {bundle.relative_to(ROOT)} yet. Make it: make package STAGE={stage}")
    for name, weight in weights(bundle).most_common():
        print(f"{weight / 1000:8.1f} kB  {name}")
    print(f"{bundle.stat().st_size / 1000:8.1f} kB  in all")


if __name__ == "__main__":
    main(sys.argv[1])
