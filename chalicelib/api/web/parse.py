"""Requests into dataclasses, by their annotations (`domain/core/constraints.py`).

All faulty fields are reported at once, unknown fields are refused, and no ambiguous value is
coerced. `schemas.py` publishes the same annotations.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache, partial
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from chalicelib.api.web import scalars
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import Amount, Items, Structure
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import Fault, Wording, say

T = TypeVar("T")
MAX_DEPTH: Final = 12

_BIG: Final = 10**18
"""From here on a number has more digits than any field takes."""


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body; an empty body is an empty object. Raises Invalid for broken JSON,
    a field that is given twice, NaN, oversized numbers and other types."""
    if not raw.strip():
        return {}
    try:
        value = json.loads(
            raw.decode("utf-8"),
            parse_constant=_no_constant,
            parse_float=_decimal,
            parse_int=_whole,
            object_pairs_hook=once_each,
        )
    except (ValueError, RecursionError):
        raise errors.Invalid({"body": say("must_be_json")}) from None
    if not isinstance(value, dict):
        raise errors.Invalid({"body": say("must_be_json_object")})
    return value


def once_each(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The fields of a request by name. Raises Invalid for those that are given twice, because a
    proxy or a log may have seen the other value."""
    found: dict[str, Any] = {}
    twice: dict[str, Wording] = {}
    for name, value in pairs:
        if name in found:
            twice[_join("", name)] = say("must_be_given_once")
        found[name] = value
    if twice:
        raise errors.Invalid(twice)
    return found


def _no_constant(text: str) -> object:
    raise ValueError(text)


def _whole(text: str) -> int | Decimal:
    """An integer; an oversized one as a Decimal, so that the error names its field. Raises
    ValueError."""
    if len(text) > 400:
        raise ValueError(text)
    return int(text) if len(text) <= 18 else Decimal(text)


def _decimal(text: str) -> int | Decimal:
    """A number with a point or an exponent: as an integer where it is whole, because JSON has one
    type of numbers; otherwise as it is written. Raises ValueError, also for an exponent that no
    Decimal has."""
    if len(text) > 40:
        raise ValueError(text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    is_whole = -_BIG < number < _BIG and number == number.to_integral_value()
    return int(number) if is_whole else number


def read(kind: type[T], raw: Mapping[str, Any], *, where: str = "", texts: bool = False) -> T:
    """An instance of the dataclass `kind` from `raw`. With `texts` every value is a string, as in
    a query or a form. Raises Invalid with all faulty fields, named under `where`."""
    faults: dict[str, Wording] = {}
    values: dict[str, Any] = {}
    declared = _expected_fields(kind)  # type: ignore[arg-type]  # mypy takes no class for hashable
    for name in raw.keys() - declared.keys():
        faults[_join(where, name)] = say("is_unknown_field")
    for name, (attribute, required, expected) in declared.items():
        if name not in raw:
            if required:
                faults[_join(where, name)] = say("must_be_given")
            continue
        try:
            values[attribute] = expected.value(raw[name], _join(where, name), texts)
        except Fault as fault:
            faults[_join(where, name)] = fault.wording
        except errors.Invalid as invalid:
            faults.update(invalid.fields)
    if faults:
        raise errors.Invalid(dict(sorted(faults.items())))
    try:
        return kind(**values)
    except errors.Invalid as invalid:
        raise errors.Invalid(
            {_join(where, n): what for n, what in invalid.fields.items()}
        ) from None


@cache
def shape(kind: Hashable) -> dict[str, tuple[Field[Any], Any]]:
    """The fields of a dataclass with their annotations, by their external name: `from_` is `from`,
    a keyword of Python."""
    assert isinstance(kind, type)
    hints = get_type_hints(kind, include_extras=True)
    return {f.name.rstrip("_"): (f, hints[f.name]) for f in fields(kind) if f.init}


@cache
def _expected_fields(kind: Hashable) -> dict[str, tuple[str, bool, _Expected]]:
    """The fields of a dataclass as they are read, by their external name: the name of the
    attribute, whether it must be given, and what is expected."""
    return {
        name: (
            field.name,
            field.default is MISSING and field.default_factory is MISSING,
            _expected(annotation),
        )
        for name, (field, annotation) in shape(kind).items()
    }


def value(annotation: Any, raw: Any, *, where: str, texts: bool) -> Any:
    """`raw` as a value of the annotation. Raises Fault, or Invalid for parts with fields."""
    return _expected(annotation).value(raw, where, texts)


Reader = Callable[[Any, str, bool], Any]
"""Takes what came in, where it stands, and whether it is a text of a query or a form. Raises Fault,
or Invalid for parts with fields."""


@dataclass(frozen=True)
class _Expected:
    """What an annotation wants: whether null may stand there, and the reader of other values."""

    optional: bool
    read: Reader

    def value(self, raw: Any, where: str, texts: bool) -> Any:
        return None if raw is None and self.optional else self.read(raw, where, texts)


@cache
def _expected(annotation: Hashable) -> _Expected:
    base, marks = unwrap(annotation)
    inner, inner_marks = unwrap(_strip_optional(base))
    structure = next((m for m in marks if isinstance(m, Structure)), None)
    if structure is not None:
        read: Reader = lambda raw, *_: structure.read(raw)  # noqa: E731
    elif any(isinstance(m, Amount) for m in marks):
        read = lambda raw, *_: scalars.amount(raw)  # noqa: E731
    else:
        read = _reader(inner, (*marks, *inner_marks))
    return _Expected(_is_optional(base), read)


def unwrap(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The bare type and the marks of an annotation, also of `Annotated[...] | None`."""
    if get_origin(annotation) is Annotated:
        base, *rest = get_args(annotation)
        return base, tuple(rest)
    if _is_optional(annotation):
        inner, marks = unwrap(_strip_optional(annotation))
        return Union[inner, None], marks  # noqa: UP007
    return annotation, ()


def _is_optional(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation)


def _strip_optional(annotation: Any) -> Any:
    if not _is_optional(annotation):
        return annotation
    rest = [part for part in get_args(annotation) if part is not type(None)]
    return rest[0] if len(rest) == 1 else Union[tuple(rest)]  # noqa: UP007


def _reader(base: Any, marks: tuple[Any, ...]) -> Reader:
    """The reader of a type with its marks."""
    origin = get_origin(base)
    if origin is Literal:
        return lambda raw, *_: scalars.choice(get_args(base), raw)
    if isinstance(base, type) and issubclass(base, StrEnum):
        return lambda raw, *_: base(scalars.choice(tuple(member.value for member in base), raw))
    if origin in (list, tuple):
        return partial(_list, base, marks)
    if base is Interval:
        return _interval
    if is_dataclass(base) and isinstance(base, type):
        return partial(_object, base)
    scalar = scalars.READERS[base]
    return lambda raw, where, texts: scalar(raw, marks, texts)


def _object(kind: type[T], raw: Any, where: str, texts: bool) -> T:
    if not isinstance(raw, dict):
        raise Fault(say("must_be_object"))
    return read(kind, raw, where=where)


def _interval(raw: Any, where: str, texts: bool) -> Interval:
    if not isinstance(raw, dict) or set(raw) != {"start", "end"}:
        raise Fault(say("must_be_interval"))
    start, end = scalars.instant(raw["start"], (), False), scalars.instant(raw["end"], (), False)
    if end <= start:
        raise errors.Invalid({f"{where}.end": say("must_be_after_start")})
    return Interval(start, end)


def _list(base: Any, marks: tuple[Any, ...], raw: Any, where: str, texts: bool) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise Fault(say("must_be_list"))
    mark = next((m for m in marks if isinstance(m, Items)), Items())
    if len(raw) > mark.max:
        raise Fault(say("must_have_at_most", most=mark.max))
    if len(raw) < mark.min:
        raise Fault(say("must_have_at_least", least=mark.min))
    element = get_args(base)[0]
    read_elements: list[Any] = []
    faults: dict[str, Wording] = {}
    for index, item in enumerate(raw):
        name = f"{where}[{index}]"
        try:
            read_elements.append(value(element, item, where=name, texts=texts))
        except Fault as fault:
            faults[name] = fault.wording
        except errors.Invalid as invalid:
            faults.update(invalid.fields)
    if faults:
        raise errors.Invalid(faults)
    return tuple(read_elements)


def _join(where: str, name: object) -> str:
    text = str(name)[:60].encode("ascii", "replace").decode()
    return f"{where}.{text}" if where else text
