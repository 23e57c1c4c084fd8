"""Renders docs/map.md: `python -m docs.render_map`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).parent / "map.md"

LAYERS = ("domain", "services", "store", "gateways", "rendering", "api", "pages", "sweeps", "aws")
"""The columns: folders of chalicelib that hold modules."""

SUBJECTS: Mapping[str, str] = {
    "core": "what every subject uses",
    "pricing": "tariffs and bills",
    "payments": "ledger and refunds",
    "occupancy": "the sheets: who has a space when",
    "sites": "sites, zones, spaces, policies, opening hours, blackouts",
    "housekeeping": "the condition of rooms",
    "bookings": "from booked to ended, alone and in groups",
    "stays": "check-in and check-out",
    "front_desk": "the day of a hotel, its search, walk-ins",
    "waitlist": "entries and offers",
    "accounts": "people who sign in",
    "operations": "shifts, incidents, the audit trail",
    "mail": "what Berth writes to people",
    "realtime": "events, WebSockets, webhooks",
    "delivery": "the outbox",
}
"""The rows, in the order in which subjects may import each other."""

SAME_SUBJECT: Mapping[str, str] = {"api/web": "core", "store/dynamodb": "core", "aws": "core"}
"""Folders that serve every subject."""

FLAT: Mapping[str, tuple[str, ...]] = {
    "core": ("store/counters", "store/idempotency", "pages/page", "pages/links"),
    "payments": ("store/ledger",),
    "occupancy": ("store/sheets",),
    "sites": ("store/catalogue",),
    "housekeeping": ("store/rooms",),
    "bookings": ("store/attachments", "store/bookings", "store/due", "sweeps/deadlines", "pages/bookings"),
    "waitlist": ("store/waitlist", "pages/waitlist"),
    "accounts": ("store/accounts", "gateways/passwords", "gateways/signing", "gateways/tokens"),
    "operations": ("store/audit", "store/incidents", "store/shifts"),
    "mail": ("store/mailboxes", "gateways/mail", "gateways/ses", "gateways/ses_events", "pages/mailboxes"),
    "realtime": ("store/events", "store/subscriptions", "store/webhooks", "gateways/sockets", "gateways/webhooks"),
    "delivery": ("store/outbox",),
}  # fmt: skip
"""The subjects of modules that stand in no subject's folder."""

HEAD = """# Map of the code

Layers are columns, subjects are rows; the word of a subject is the same in every layer, so
`ls chalicelib/*/waitlist*` shows one. Why it is so: [layout](decisions/layout.md).
`python -m docs.render_map` writes this page, a test compares it with `chalicelib/`.
"""


class Unplaced(Exception):
    """A module that no subject claims; carries its path below chalicelib."""

    def __init__(self, module: str) -> None:
        super().__init__(f"docs/render_map.py does not say to which subject {module} belongs")


def page(package: Path) -> str:
    """The page for the modules below `package`. Raises Unplaced."""
    modules = [(subject_of(module), module) for module in _modules(package)]
    rows = (_row(subject, [m for s, m in modules if s == subject]) for subject in SUBJECTS)
    head = f"| subject | {' | '.join(LAYERS)} |"
    return "\n".join((HEAD, head, "|---" * (len(LAYERS) + 1) + "|", *rows, ""))


def subject_of(module: PurePosixPath) -> str:
    """The subject of a module. Raises Unplaced.

    >>> subject_of(PurePosixPath("services/waitlist/offers"))
    'waitlist'
    >>> subject_of(PurePosixPath("store/sheets"))
    'occupancy'
    """
    folder = module.parent.as_posix()
    found = SAME_SUBJECT.get(folder) or _claimed(module.as_posix()) or _folder_of(module)
    if found not in SUBJECTS:
        raise Unplaced(module.as_posix())
    return found


def _claimed(module: str) -> str | None:
    return next((subject for subject, modules in FLAT.items() if module in modules), None)


def _folder_of(module: PurePosixPath) -> str | None:
    return module.parts[1] if len(module.parts) > 2 else None


def _modules(package: Path) -> Iterator[PurePosixPath]:
    """The modules of all layers, as paths without suffix."""
    for layer in LAYERS:
        for path in sorted((package / layer).rglob("*.py")):
            if path.stem != "__init__":
                yield PurePosixPath(path.relative_to(package).with_suffix("").as_posix())


def _row(subject: str, modules: Iterable[PurePosixPath]) -> str:
    names: dict[str, list[str]] = {layer: [] for layer in LAYERS}
    for module in modules:
        names[module.parts[0]].append(module.name)
    cells = (" ".join(f"`{name}`" for name in names[layer]) for layer in LAYERS)
    return f"| **{subject}**: {SUBJECTS[subject]} | {' | '.join(cells)} |"


def main() -> None:
    PAGE.write_text(page(ROOT / "chalicelib"))


if __name__ == "__main__":
    main()
