"""The version stands in one place, and the changelog describes it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from chalicelib import VERSION

ROOT = Path(__file__).parents[1]
RELEASE = re.compile(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$", re.MULTILINE)


def as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_the_newest_release_of_the_changelog_is_the_version() -> None:
    (newest, _), *_ = RELEASE.findall((ROOT / "CHANGELOG.md").read_text())
    assert newest == VERSION


def test_releases_come_newest_first_after_what_is_unreleased() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    releases = RELEASE.findall(text)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Unreleased", *(f"{version} - {date}" for version, date in releases)]
    assert releases == sorted(releases, key=lambda each: as_numbers(each[0]), reverse=True)


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "version" in project["dynamic"]
    sources = [
        *ROOT.glob("*.py"),
        *(p for f in ("chalicelib", "local", "infra", "tests") for p in (ROOT / f).rglob("*.py")),
    ]
    naming = [path.relative_to(ROOT) for path in sources if f'"{VERSION}"' in path.read_text()]
    assert naming == [Path("chalicelib/__init__.py")]
