"""Renders the tables of docs/migrate/import.md from the code: `python -m docs.render_import`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

from chalicelib.api.web import parse
from chalicelib.domain.core.constraints import Amount, Doc, Structure
from local.importing.rows import KINDS, columns
from local.importing.systems import SYSTEMS

PAGE: Final = Path(__file__).parents[1] / "docs/migrate/import.md"
BEGIN: Final = "<!-- columns: python -m docs.render_import -->"
END: Final = "<!-- end -->"

_TYPES: Final = {str: "text", int: "whole number"}


def page(text: str) -> str:
    """The page with its tables as the code has them."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def tables() -> str:
    """The columns of each kind, then the fields of each system."""
    return "\n".join((*_kinds(), *_systems()))


def _kinds() -> Iterator[str]:
    for kind, rows in KINDS.items():
        yield f"\n### {kind}\n"
        yield " ".join((rows.__doc__ or "").split()) + "\n"
        yield "| column | type | example | what |"
        yield "|---|---|---|---|"
        for name, (field, annotation) in columns(kind).items():
            base, marks = parse.unwrap(annotation)
            doc = next(mark for mark in marks if isinstance(mark, Doc))
            star = "**" if _is_required(field) else ""
            example = f"`{doc.example}`" if doc.example not in ("", None) else ""
            yield f"| {star}{name}{star} | {_type(base, marks)} | {example} | {doc.text} |"


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _type(base: Any, marks: tuple[Any, ...]) -> str:
    base = (
        next((part for part in get_args(base) if part is not type(None)), base)
        if (get_origin(base) is not Literal)
        else base
    )
    base, more = parse.unwrap(base)
    marks = (*marks, *more)
    structure = next((mark for mark in marks if isinstance(mark, Structure)), None)
    if structure is not None:
        return str(structure.schema.get("type", "text"))
    if any(isinstance(mark, Amount) for mark in marks):
        return "amount"
    if get_origin(base) is Literal:
        return "one of " + ", ".join(map(str, get_args(base)))
    if isinstance(base, type) and hasattr(base, "__members__"):
        return "one of " + ", ".join(member.value for member in base)  # type: ignore[attr-defined]
    return _TYPES.get(base, "text")


def _systems() -> Iterator[str]:
    yield "\n## The fields of the replaced systems\n"
    yield "| `--from` | file | becomes | fields |"
    yield "|---|---|---|---|"
    for system, models in SYSTEMS.items():
        for name, model in models.items():
            taken = {ours: theirs for ours, theirs in model.columns.items() if theirs}
            fields = ", ".join(
                "`" + "` or `".join(theirs) + "`" + ("" if theirs == (ours,) else f" ({ours})")
                for ours, theirs in taken.items()
            )
            worked = ", ".join(model.computed)
            yield f"| {system} | `{name}` | {model.kind} | {fields}; worked out: {worked or '–'} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
