"""`If-Match`: the versions on which a client bases an edit or a step (docs/decisions/versions.md).

A tag is that of a `GET`, such as `W/"7.91c2"`, or a bare version, `"7"`. Only the part in front of
the dot counts, so a tag is good for as long as the record has not changed.
"""

from __future__ import annotations

import re
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.expected import ANY, Expected
from chalicelib.domain.core.sentence import say

_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e]*"'
_LIST: Final = rf"{_TAG}(?:\s*,\s*{_TAG})*"
_TAGS: Final = re.compile(rf"\s*{_LIST}\s*")
PATTERN: Final = rf"^(?:\*|{_LIST})$"
"""What a client may send, as published."""
_VERSION: Final = re.compile(r'"([0-9]{1,18})(?:\.[0-9a-f]*)?"')


def expected(header: str | None) -> Expected:
    """What the header asks for; any version where it is absent or `*`. A tag without a version
    is that of no record. Raises Invalid."""
    if header is None or header.strip() == "*":
        return ANY
    if not _TAGS.fullmatch(header):
        raise errors.Invalid({"If-Match": say("must_be_version")})
    return Expected(frozenset(map(int, _VERSION.findall(header))))
