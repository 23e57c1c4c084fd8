"""How If-Match is read."""

from __future__ import annotations

import pytest

from chalicelib.api.web import if_match
from chalicelib.domain.core import errors

READ: tuple[tuple[str | None, set[int] | None], ...] = (
    (None, None),
    ("*", None),
    (" * ", None),
    ('"7"', {7}),
    ('W/"7"', {7}),
    ('W/"7.91c2e0"', {7}),  # weak or strong, with the digest or without: the version decides
    ('"7.91c2e0"', {7}),
    ('"7", W/"8.00"', {7, 8}),
    ('"91c2e0"', set()),  # the tag of a list has no version, and is that of no record
    ('"7.91c2e0-gzip"', set()),
    ('""', set()),
)
MALFORMED = ("7", "7.91c2", '"7', '7"', "", '"7" "8"', '"7",', "W/7", '*, "7"', '"ü"')


@pytest.mark.parametrize(("header", "versions"), READ)
def test_the_versions_of_a_header(header: str | None, versions: set[int] | None) -> None:
    assert if_match.expected(header).versions == versions


@pytest.mark.parametrize("header", MALFORMED)
def test_a_malformed_header_is_refused(header: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        if_match.expected(header)
    assert set(refused.value.fields) == {"If-Match"}
