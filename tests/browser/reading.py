"""What keeps people from reading or using a page, as a browser sees it. Each check returns faults."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

FINGER = 44
"""CSS pixels a target has at least, either way (WCAG 2.2, 2.5.5)."""

_WIDE = """() => {
  const room = document.documentElement.clientWidth
  return [...document.querySelectorAll('body, body *')]
    .filter(e => e.getBoundingClientRect().right > room + 0.5 || e.getBoundingClientRect().left < -0.5)
    .map(e => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 30)}`)
}"""

_CUT = """() => [...document.querySelectorAll('h1, p, dt, dd, label, button, input')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
  .map(e => `${e.tagName} ${e.textContent.trim().slice(0, 30)}`)"""

_RUN_AXE = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations', 'incomplete']})"


def sticks_out(page: Page) -> list[str]:
    """What makes the reader scroll sideways."""
    found: list[str] = page.evaluate(_WIDE)
    return found


def is_cut(page: Page) -> list[str]:
    """What does not fit into its own box."""
    found: list[str] = page.evaluate(_CUT)
    return found


def barriers(page: Page, *rules: str) -> list[str]:
    """What axe-core finds by these rules or groups of rules, doubts about contrast among it."""
    if page.evaluate("() => typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found: dict[str, list[dict[str, Any]]] = page.evaluate(_RUN_AXE, list(rules))
    doubts = [rule for rule in found["incomplete"] if rule["id"] == "color-contrast"]
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in [*found["violations"], *doubts]
        for node in rule["nodes"]
    ]


def too_small(page: Page) -> list[str]:
    """What a thumb misses."""
    targets = page.locator("button, input, a.button").all()
    boxes = [(target, target.bounding_box()) for target in targets]
    return [
        f"{target} {box}"
        for target, box in boxes
        if box is None or box["height"] < FINGER or box["width"] < FINGER
    ]
