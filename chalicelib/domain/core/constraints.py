"""Constraints of a field of a request or a record. A field is declared once, such as
`Annotated[str, Text(max=80)]`; `api/web/parse.py` checks it, `api/web/schemas.py` publishes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Annotated, Any, Final

from chalicelib.domain.core import mail_addresses, phones, plates
from chalicelib.domain.core.sentence import Sentence, say

_ODD: Final = say("has_odd_characters")


@dataclass(frozen=True)
class Text:
    """A string of `min` to `max` characters, cleaned (`plain_text.py`); with `lines` it may have
    several lines. `form` is the fault of a string that does not match `pattern`. `read` makes of
    the string what is kept, and raises a Fault for one that it refuses. A `secret`
    is kept as typed. With `numbers` a whole number is taken as its digits, for clients of replaced
    systems, whose ids were numbers. What people write must not have the number of a payment card;
    a `code` is made by a machine, and may have any number."""

    min: int = 1
    max: int = 200
    pattern: str | None = None
    form: Sentence = _ODD
    lines: bool = False
    numbers: bool = False
    read: Callable[[str], str] | None = None
    secret: bool = False
    code: bool = False

    @property
    def is_free(self) -> bool:
        """Whether people write it in their own words."""
        has_form = self.pattern is not None or self.read is not None
        return not (has_form or self.numbers or self.secret or self.code)


@dataclass(frozen=True)
class Integer:
    """An integer from `min` to `max`, both included."""

    min: int = 0
    max: int = 1_000_000


@dataclass(frozen=True)
class Amount:
    """A decimal amount of money in the site's currency, as text ("150.00"), as a JSON number, or
    as the API shows it, with the currency. It is read as text ("150.00", "150.00 INR")."""


@dataclass(frozen=True)
class Items:
    """A list of `min` to `max` elements."""

    max: int = 100
    min: int = 0


@dataclass(frozen=True, eq=False)
class Structure:
    """A part with its own reader (`read` raises Invalid with its own field names) and its own
    JSON schema."""

    read: Callable[[Any], Any]
    schema: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Doc:
    """The meaning of a field and an example value, for the OpenAPI document."""

    text: str
    example: Any = None


@dataclass(frozen=True)
class Format:
    """The form of a text, for the OpenAPI document: a format that it names, or a pattern."""

    name: str | None = None
    pattern: str | None = None


@dataclass(frozen=True)
class Named:
    """The name of a closed set of words or of a structure, for the OpenAPI document."""

    name: str


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "unset"


UNSET: Final[Any] = Unset.UNSET
"""The default of a field that an edit does not change; None is a value of its own."""


def given(edit: Any) -> dict[str, Any]:
    """The fields of the dataclass `edit` that are set.

    >>> @dataclass(frozen=True)
    ... class Edit:
    ...     name: Name = UNSET
    ...     note: Name | None = UNSET
    >>> given(Edit(note=None))
    {'note': None}
    """
    values = {each.name: getattr(edit, each.name) for each in fields(edit)}
    return {name: value for name, value in values.items() if value is not UNSET}


SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
LONGEST_SLUG: Final = 48

UtcInstant = Annotated[str, Format("date-time"), Doc("An instant in UTC.", "2026-11-21T04:30:00Z")]
Slug = Annotated[
    str,
    Text(max=LONGEST_SLUG, pattern=SLUG, form=say("must_be_slug")),
]
ZoneRef = Annotated[
    str,
    Text(
        max=LONGEST_SLUG,
        pattern=SLUG,
        form=say("must_be_slug"),
        numbers=True,
    ),
    Doc("The zone.", "zone-a"),
]
Name = Annotated[str, Text(max=120)]
OwnerName = Annotated[str, Text(max=100), Doc("The owner of the vehicle.", "Asha Rao")]
Email = Annotated[
    str,
    Text(
        min=3,
        max=mail_addresses.LONGEST,
        pattern=r"[^@\s]+@[^@\s]+",
        form=mail_addresses.FORM,
        read=mail_addresses.read,
    ),
    Format("email"),
]
Phone = Annotated[str, Text(min=phones.FEWEST_DIGITS, max=phones.LONGEST, read=phones.read)]
Plate = Annotated[str, Text(max=plates.LONGEST, read=plates.read)]
LanguageTag = Annotated[
    str,
    Text(
        min=2,
        max=35,
        pattern=r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*",
        form=say("must_be_language"),
    ),
]
BookingId = Annotated[str, Text(max=40, code=True)]
BookingRef = Annotated[
    str, Text(max=40, numbers=True), Doc("The booking.", "BK7Q2M9X4T1NG1QR00005")
]
Minutes = Annotated[int, Integer(1, 60 * 24 * 366)]
