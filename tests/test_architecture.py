"""Holds the house rules that a reader of one file cannot see: which way imports point, who may
touch which wire, how files are named and how long they are."""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHIPPED = sorted([ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")])
DOMAIN = sorted((ROOT / "chalicelib" / "domain").rglob("*.py"))
BESIDE = ("local", "infra", "bench", "requirements")
"""Our packages that are not shipped."""
OURS = sorted([*SHIPPED, *(path for part in BESIDE for path in (ROOT / part).rglob("*.py"))])


ARROWS: dict[str, set[str]] = {
    "app": {"api", "routes", "sweeps", "services", "wiring", "logs"},
    "routes": {"api", "pages"},
    "api": {"api", "sweeps", "services", "texts", "domain"},
    "pages": {"pages", "api", "services", "rendering", "texts", "domain"},
    "sweeps": {"sweeps", "services", "domain"},
    "services": {"services", "store", "gateways", "rendering", "texts", "domain", "settings"},
    "store": {"store", "aws", "domain", "settings"},
    "gateways": {"gateways", "aws", "domain", "settings"},
    "aws": {"aws"},
    "rendering": {"rendering", "texts", "domain"},
    "texts": {"texts", "domain"},
    "domain": {"domain"},
    "wiring": {"services", "store", "gateways", "rendering", "domain", "settings"},
    "settings": set(),
    "logs": set(),
    "__init__": set(),
}
"""Which parts a part may import: use cases meet stores and wires, ways in do not."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("chalicelib/api/web/http.py", "chalicelib.wiring"): "a request gets its dependencies",
    ("chalicelib/api/web/answers.py", "chalicelib.wiring"): "the settings name allowed origins",
    ("chalicelib/sweeps/deadlines.py", "chalicelib.store.due"): "Due, in an annotation",
}
"""Arrows that point elsewhere, and why. Of the stores they name values only, nothing that reads."""

SUBJECTS: dict[str, tuple[str, ...]] = {
    "domain": (
        "core", "pricing", "occupancy", "payments", "sites", "promos", "housekeeping", "bookings", "season_passes",
        "receipts", "stays", "front_desk", "waitlist", "accounts", "operations", "imports", "mail", "realtime",
    ),
    "services": (
        "core", "promos", "bookings", "waitlist", "payments", "receipts", "sites", "season_passes", "stays", "housekeeping", "front_desk",
        "operations", "accounts", "imports", "realtime", "mail", "delivery",
    ),
    "api": (
        "web", "bookings", "payments", "receipts", "season_passes", "sites", "promos", "stays", "front_desk", "waitlist", "operations", "accounts",
        "realtime", "replaced",
    ),
}  # fmt: skip
"""The subjects of each layer, in order: a subject may import those before it."""

LATER_SUBJECTS: dict[tuple[str, str], str] = {
    ("chalicelib/domain/core/change.py", "*"): "a Change names what every subject writes",
    ("chalicelib/services/bookings", "waitlist"): "freed time is offered in the step that frees it",
}
"""Files or folders that may import a later subject (`*`: any), and why."""

WIRES: dict[str, tuple[str, ...]] = {
    "pynamodb": ("chalicelib/store/",),
    "botocore": ("chalicelib/aws/", "chalicelib/store/", "chalicelib/gateways/"),
    "chalice": ("app.py", "chalicelib/api/", "chalicelib/pages/"),
    "boto3": (),
    "razorpay": ("chalicelib/gateways/payments/",),
    "requests": ("chalicelib/gateways/payments/",),
    "moto": (),
}
"""Where in the bundle a foreign package may be named; nowhere where there is no place."""

CATCHES_ALL: dict[str, str] = {
    "chalicelib/api/web/http.py": "outermost: a bug becomes a 500 with a request id",
    "chalicelib/services/core/idempotency.py": "the request is committed: nothing may fail it",
    "chalicelib/services/delivery/effects.py": "round one effect: a poisoned one does not stop the others",
    "chalicelib/services/operations/day_books.py": "round one day of a site: the others go on",
    "chalicelib/services/payments/orders.py": "the booking is committed: nothing may fail it",
    "chalicelib/services/payments/reconcile.py": "round one order: a poisoned one does not stop the others",
    "chalicelib/services/season_passes/orders.py": "the pass is committed: nothing may fail it",
    "chalicelib/services/season_passes/due.py": "round one pass: a poisoned one does not stop the others",
    "chalicelib/services/delivery/outbox.py": "round one batch: a poisoned one does not stop the others",
    "chalicelib/sweeps/deadlines.py": "round one booking: a poisoned one does not stop the others",
}
"""Where `except Exception` stands, and why (docs/style.md, Refusals)."""

LONGEST = 320
LONGER: dict[str, str] = {
    "chalicelib/domain/bookings/booking.py": "one booking and each of its steps",
}
"""Files of more than LONGEST lines, and why."""

VAGUE = {"whoever", "somebody", "anybody", "whatever", "told", "said"}
"""Words that say neither who nor what (docs/style.md)."""

NAMES_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}


CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}


def _root(module: str) -> str:
    return module.partition(".")[0]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _part(path: Path) -> str:
    """The package below chalicelib a file belongs to, or its own name."""
    if path.name == "app.py" and path.parent == ROOT:
        return "app"
    below = path.relative_to(ROOT / "chalicelib")
    return below.parts[0].removesuffix(".py")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def _imports(path: Path) -> frozenset[str]:
    """Every module a file imports, however deep inside it."""
    return frozenset(_imported(_tree(path)))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            yield from (_exact(module, alias.name) for alias in node.names)


def _exact(module: str, name: str) -> str:
    """The module meant by `from module import name`: the name itself where it is a module."""
    inner = ROOT.joinpath(*module.split("."), name)
    is_module = inner.is_dir() or inner.with_suffix(".py").exists()
    return f"{module}.{name}" if is_module else module


def _where(paths: Sequence[Path], faults: Callable[[Path], Iterable[str]]) -> dict[str, list[str]]:
    """What is wrong, by file."""
    found = {_name(path): sorted(faults(path)) for path in paths}
    return {name: wrong for name, wrong in found.items() if wrong}


def test_imports_point_one_way_only() -> None:
    assert _where(SHIPPED, _crooked) == {}


def _crooked(path: Path) -> Iterator[str]:
    for module in _imports(path):
        allowed = module.partition(".")[2].split(".")[0] in {"", *ARROWS[_part(path)]}
        if (
            _root(module) == "chalicelib"
            and not allowed
            and (_name(path), module) not in EXCEPTIONS
        ):
            yield module


def test_subjects_import_only_the_subjects_before_them() -> None:
    assert _where(SHIPPED, _against_the_order) == {}


def _against_the_order(path: Path) -> Iterator[str]:
    layer, subject = _room(f"chalicelib.{'.'.join(path.with_suffix('').parts[-3:])}")
    order = SUBJECTS.get(layer, ())
    for module in _imports(path):
        its_layer, its_subject = _room(module)
        if layer != its_layer or subject not in order or its_subject not in order:
            continue
        if order.index(its_subject) > order.index(subject) and not _may_be_later(path, its_subject):
            yield module


def _room(module: str) -> tuple[str, str]:
    """The layer and the subject folder of a module; the folder is empty at the top of a layer."""
    _, layer, subject, *_ = (*module.split("."), "", "", "")
    return layer, subject


def _may_be_later(path: Path, subject: str) -> bool:
    places = (_name(path), _name(path.parent))
    return any((place, it) in LATER_SUBJECTS for place in places for it in (subject, "*"))


def test_every_folder_of_a_layer_is_a_subject_in_the_order() -> None:
    for layer, subjects in SUBJECTS.items():
        folders = {path.parent.name for path in (ROOT / "chalicelib" / layer).glob("*/__init__.py")}
        assert folders == set(subjects), layer


def test_no_files_import_each_other_in_a_circle() -> None:
    assert _circle() == []


def _circle() -> list[str]:
    """The modules of a circle of imports, deferred and for types alike; empty where there is none."""
    graph = {_module(path): {m for m in _imports(path) if _is_file(m)} for path in SHIPPED}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _is_file(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def test_what_every_store_uses_knows_no_store() -> None:
    shared = sorted((ROOT / "chalicelib" / "store" / "dynamodb").glob("*.py"))
    assert _where(shared, _stores) == {}


def _stores(path: Path) -> set[str]:
    within = "chalicelib.store."
    return {m for m in _imports(path) if m.startswith(within) and ".dynamodb" not in m}


def test_no_exception_outlives_its_reason() -> None:
    present = {(_name(path), module) for path in SHIPPED for module in _imports(path)}
    assert EXCEPTIONS.keys() - present == set()


def test_nothing_that_is_shipped_imports_what_is_not() -> None:
    outside = {*BESIDE, "tests"}
    assert _where(SHIPPED, lambda path: {m for m in _imports(path) if _root(m) in outside}) == {}


def test_foreign_packages_stay_in_their_places() -> None:
    assert _where(SHIPPED, _misplaced) == {}


def _misplaced(path: Path) -> Iterator[str]:
    for module in _imports(path):
        if not _name(path).startswith(WIRES.get(_root(module), ("",))):
            yield module


def test_the_domain_needs_the_standard_library_only() -> None:
    known = {*sys.stdlib_module_names, "chalicelib"}
    assert _where(DOMAIN, lambda path: {_root(m) for m in _imports(path)} - known) == {}


def test_the_domain_has_no_clock_and_no_chance() -> None:
    assert _where(DOMAIN, _of_its_own) == {}


def _of_its_own(path: Path) -> Iterator[str]:
    yield from {_root(m) for m in _imports(path)} & {"random", "secrets", "time", "uuid", "os"}
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in CLOCKS:
            yield ast.unparse(node)


def test_only_named_places_catch_everything() -> None:
    found = _where(SHIPPED, lambda path: [h for h in _handlers(path) if "Exception" in h.split()])
    assert found.keys() == CATCHES_ALL.keys()


def _handlers(path: Path) -> Iterator[str]:
    """What each `except` of a file names; nothing named is everything."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ExceptHandler):
            names = ast.walk(node.type) if node.type else [ast.Name("Exception")]
            yield " ".join(n.id for n in names if isinstance(n, ast.Name)).replace("Base", "")


def test_every_module_says_what_it_is_for() -> None:
    assert [_name(path) for path in OURS if not ast.get_docstring(_tree(path))] == []


def test_files_are_short_or_say_why_not() -> None:
    long = {_name(path) for path in OURS if path.read_text().count("\n") > LONGEST}
    assert long == LONGER.keys()


def test_files_are_named_after_their_subject() -> None:
    assert _where(OURS, lambda path: set(re.split("[/_.]", _name(path))) & NAMES_NOTHING) == {}


def test_code_is_written_in_plain_words() -> None:
    assert _where(OURS, _vague_words) == {}


def _vague_words(path: Path) -> Iterator[str]:
    """The vague words in the names, docstrings and comments of a file."""
    names, prose = [], [*_docstrings(_tree(path)), *_comments(path)]
    for node in ast.walk(_tree(path)):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                names.append(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.append(name)
    words = [word for name in names for word in name.lower().split("_")]
    words += [word for text in prose for word in re.findall(r"[a-z]+", text.lower())]
    yield from {word for word in words if word in VAGUE}


def _docstrings(tree: ast.AST) -> Iterator[str]:
    """Every text that is an expression of its own: docstrings, and those below a constant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def _comments(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        tokens = list(tokenize.tokenize(file.readline))
    yield from (token.string for token in tokens if token.type == tokenize.COMMENT)


def test_nothing_that_is_shipped_prints() -> None:
    assert _where(SHIPPED, lambda path: {"print"} & set(_called(path))) == {}


def _called(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def test_the_rules_see_a_fault_where_there_is_one(tmp_path: Path) -> None:
    crooked = ast.parse("def f():\n  from chalicelib.store import commit\n  import boto3.session")
    assert set(_imported(crooked)) == {"chalicelib.store.commit", "boto3.session"}
    greedy = tmp_path / "greedy.py"
    greedy.write_text("try: pass\nexcept (ValueError, BaseException): pass\nexcept: pass")
    assert list(_handlers(greedy)) == ["ValueError Exception", "Exception"]
