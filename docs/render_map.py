"""Renders docs/map.md: `python -m docs.render_map`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).parent / "map.md"

COLUMNS = ("domain", "services", "store", "api")
"""The layers with files of nearly every subject: a column each."""

OTHERS = ("texts", "gateways", "rendering", "pages", "sweeps", "aws")
"""The other layers: together in the last column."""

SUBJECTS: Mapping[str, str] = {
    "core": "what every subject uses",
    "pricing": "tariffs and bills",
    "payments": "tenders, ledger and refunds",
    "occupancy": "the sheets: who has a space when",
    "sites": "sites, zones, spaces, policies, opening hours, blackouts",
    "promos": "promo codes and their uses",
    "housekeeping": "the condition of rooms",
    "bookings": "from booked to ended, alone and in groups",
    "season_passes": "period tickets of a vehicle, and their plans",
    "receipts": "receipts, invoices, vouchers, credit notes",
    "stays": "check-in and check-out",
    "front_desk": "the day of a hotel, its search, walk-ins",
    "waitlist": "entries and offers",
    "accounts": "people who sign in",
    "operations": "shifts, incidents, the audit trail",
    "imports": "data brought over from other systems",
    "mail": "what Berth writes to people",
    "realtime": "events, WebSockets, webhooks",
    "delivery": "the outbox",
    "replaced": "the URLs of the replaced systems",
}
"""The rows, in the order in which subjects may import each other."""

FOLDERS: Mapping[str, str] = {
    "api/web": "core",
    "store/dynamodb": "core",
    "aws": "core",
    "texts": "core",
}
"""The subjects of folders that are named otherwise."""

FILES: Mapping[str, tuple[str, ...]] = {
    "core": (
        "services/unit_of_work", "store/cache", "store/commit", "store/counters",
        "store/idempotency", "store/tallies", "store/writers", "pages/html", "pages/links",
        "pages/mailed", "pages/page", "pages/start", "sweeps/schedules",
    ),
    "payments": (
        "gateways/payment_gateways", "store/gateway_messages", "store/ledger",
        "store/payment_orders", "store/reviews", "store/settlements",
    ),
    "occupancy": ("store/sheets",),
    "sites": ("store/catalogue", "store/catalogue_item"),
    "housekeeping": ("store/rooms",),
    "bookings": (
        "gateways/passes", "store/attachments", "store/booking_item", "store/due", "store/due_item",
        "store/short_codes", "sweeps/deadlines", "pages/brand", "pages/facts",
    ),
    "season_passes": ("store/season_pass_item", "store/season_plans"),
    "receipts": ("store/papers", "pages/receipts"),
    "stays": ("store/auto_checkouts",),
    "waitlist": ("store/waitlist_places",),
    "accounts": (
        "store/api_keys", "store/wrong_passwords", "store/sessions", "gateways/old_passwords",
        "gateways/passwords",
        "gateways/seals",
        "gateways/signing", "gateways/tokens",
    ),
    "operations": ("store/audit", "store/day_books", "store/incidents", "store/shifts"),
    "imports": ("store/imported",),
    "mail": ("store/mailboxes", "gateways/ses", "gateways/ses_events", "pages/mailboxes"),
    "realtime": (
        "store/events", "store/subscriptions", "store/webhooks", "gateways/sockets",
        "gateways/webhooks",
    ),
    "delivery": ("store/outbox",),
    "replaced": ("pages/parking",),
}  # fmt: skip
"""The modules outside such folders that are not named after their subject."""

HEAD = """# Map of the code

The files of `chalicelib/`: subjects are rows, layers are columns. A subject has the same word in
every layer, so `ls chalicelib/*/waitlist*` shows one; [layout](decisions/layout.md) says why.
`python -m docs.render_map` writes this page, and a test compares it with the folders.
"""


class Unplaced(Exception):
    """A module that no subject claims; carries its path below chalicelib."""

    def __init__(self, module: str) -> None:
        super().__init__(f"docs/render_map.py does not say to which subject {module} belongs")


def page(package: Path) -> str:
    """Return the page for the modules below `package`. Raises Unplaced."""
    placed = [(subject_of(module), module) for module in _modules(package)]
    rows = (_row(subject, [m for s, m in placed if s == subject]) for subject in SUBJECTS)
    head = f"| subject | {' | '.join(COLUMNS)} | other layers |"
    return "\n".join((HEAD, head, "|---" * (len(COLUMNS) + 2) + "|", *rows, ""))


def subject_of(module: PurePosixPath) -> str:
    """Return the subject of a module (its path below chalicelib, without suffix). Raises Unplaced.

    >>> subject_of(PurePosixPath("services/waitlist/offers"))
    'waitlist'
    >>> subject_of(PurePosixPath("store/sheets"))
    'occupancy'
    """
    named = (subject for subject, modules in FILES.items() if module.as_posix() in modules)
    subject = next(named, None) or FOLDERS.get(module.parent.as_posix(), module.parts[1])
    if subject not in SUBJECTS:
        raise Unplaced(module.as_posix())
    return subject


def _modules(package: Path) -> Iterator[PurePosixPath]:
    """The modules; a package in the folder of a subject is one, `domain/core/errors`."""
    for layer in (*COLUMNS, *OTHERS):
        paths = sorted(path for path in (package / layer).rglob("*.py") if path.stem != "__init__")
        names = (PurePosixPath(path.relative_to(package).with_suffix("")) for path in paths)
        yield from dict.fromkeys(PurePosixPath(*name.parts[:3]) for name in names)


def _row(subject: str, modules: Sequence[PurePosixPath]) -> str:
    own = (" ".join(_names(m for m in modules if m.parts[0] == layer)) for layer in COLUMNS)
    folders = sorted({m.parent.as_posix() for m in modules if m.parts[0] in OTHERS})
    rest = (
        f"{folder}: {' '.join(_names(m for m in modules if m.parent.as_posix() == folder))}"
        for folder in folders
    )
    return f"| **{subject}**: {SUBJECTS[subject]} | {' | '.join((*own, '; '.join(rest)))} |"


def _names(modules: Iterable[PurePosixPath]) -> Iterator[str]:
    return (f"`{module.name}`" for module in modules)


def main() -> None:
    PAGE.write_text(page(ROOT / "chalicelib"))


if __name__ == "__main__":
    main()
