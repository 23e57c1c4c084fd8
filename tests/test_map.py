"""docs/map.md shows the files of each subject in each layer, and is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import render_map

PACKAGE = Path(__file__).parents[1] / "chalicelib"


def a_package(folder: Path, *modules: str) -> Path:
    """A folder with these modules, empty."""
    for module in modules:
        path = folder / f"{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def row(page: str, subject: str) -> list[str]:
    """The cells behind a subject."""
    [line] = [line for line in page.splitlines() if line.startswith(f"| **{subject}**")]
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_the_map_is_up_to_date() -> None:
    """`python -m docs.render_map` writes it anew."""
    assert render_map.PAGE.read_text() == render_map.page(PACKAGE)


def test_a_subject_is_a_row_and_a_layer_a_column(tmp_path: Path) -> None:
    package = a_package(
        tmp_path, "domain/waitlist/__init__", "domain/waitlist/queue", "services/waitlist/offers",
        "services/waitlist/entries", "store/waitlist", "pages/waitlist", "domain/core/money",
    )  # fmt: skip
    assert row(render_map.page(package), "waitlist") == [
        "`queue`", "`entries` `offers`", "`waitlist`", "", "pages: `waitlist`",
    ]  # fmt: skip


def test_a_file_named_otherwise_is_placed_by_hand(tmp_path: Path) -> None:
    page = render_map.page(a_package(tmp_path, "store/due", "api/web/http"))
    assert row(page, "bookings")[2] == "`due`"
    assert row(page, "core")[3] == "`http`"


@pytest.mark.parametrize("module", ["store/umbrellas", "domain/umbrellas/handle"])
def test_a_module_without_a_subject_is_named(module: str, tmp_path: Path) -> None:
    with pytest.raises(render_map.Unplaced, match=module):
        render_map.page(a_package(tmp_path, module))


def test_every_file_placed_by_hand_exists() -> None:
    placed = [module for modules in render_map.FILES.values() for module in modules]
    assert [module for module in placed if not (PACKAGE / f"{module}.py").exists()] == []
    assert [folder for folder in render_map.FOLDERS if not (PACKAGE / folder).is_dir()] == []
