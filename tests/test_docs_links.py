"""Pages and sources refer to pages, headings and files that exist, and the index has every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_architecture import SUBJECTS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
OWN_FOLDERS = ("chalicelib", "local", "infra", "bench", "tests", "docs")
SOURCES = sorted([ROOT / "app.py", *(p for f in OWN_FOLDERS for p in (ROOT / f).rglob("*.py"))])
ROOTS = (ROOT, ROOT / "chalicelib")
"""Where the paths in prose begin."""

PATH = re.compile(r"`((?:[a-z_]+/)+(?:[a-z_]+\.[a-z]+)?)`")
NAMED_PAGE = re.compile(r"(?<![\w/.])[\w/-]+\.md\b")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """The page and the anchor of each link to a page of ours."""
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text()):
        yield (page.parent / target).resolve() if target else page, anchor


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(page.read_text())
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_pages_and_headings(page: Path) -> None:
    broken = [
        f"{target}#{anchor}"
        for target, anchor in links(page)
        if not target.exists() or (anchor and anchor not in anchors(target))
    ]
    assert broken == []


def test_the_index_links_every_page() -> None:
    linked = {target for target, _ in links(DOCS / "index.md")}
    assert [name(page) for page in DOCS.rglob("*.md") if page not in linked] == [
        name(DOCS / "index.md")
    ]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_names_files_that_exist(page: Path) -> None:
    named = [path for path in PATH.findall(page.read_text()) if not path.startswith("build/")]
    assert [path for path in named if not any((root / path).exists() for root in ROOTS)] == []


def pages_named(source: Path) -> Iterator[tuple[str, str]]:
    """The pages that a source names, each with the words behind the comma."""
    text = re.sub(r"\s+", " ", source.read_text())
    for found in NAMED_PAGE.finditer(text):
        behind = re.match(r", ([A-Z].*)", text[found.end() : found.end() + 60])
        yield found[0], behind[1] if behind else ""


def file_of(page: str) -> Path | None:
    """The file of a page as sources name it: from the root, or from docs/."""
    return next((root / page for root in (ROOT, DOCS) if (root / page).exists()), None)


def is_right(page: str, behind: str) -> bool:
    """Whether there is such a page and, where words follow the comma, such a heading in it."""
    file = file_of(page)
    if file is None:
        return False
    return not behind or any(behind.startswith(h) for h in HEADING.findall(file.read_text()))


def test_a_source_names_pages_and_headings_that_exist() -> None:
    named = [(name(source), *reference) for source in SOURCES for reference in pages_named(source)]
    assert named
    assert [each for each in named if not is_right(each[1], each[2])] == []


@pytest.mark.parametrize("layer", ["domain", "services"])
def test_the_decision_on_the_layout_lists_the_subjects_in_order(layer: str) -> None:
    text = re.sub(r"\s+", " ", (DOCS / "decisions/layout.md").read_text())
    assert f"* {layer}: {', '.join(SUBJECTS[layer])} " in text
