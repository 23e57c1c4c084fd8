from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.effect import mail
from chalicelib.gateways import ses_events
from chalicelib.gateways.ses_events import MailEvent
from tests.clock import NOON
from tests.ses import ADDRESS, DIALECTS, Dialect, bounce, complaint

REMINDER = "EF1-reminder-BK7Q2M9X4T1NG1QR00005"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_bounce_says_who_which_mail_and_when(dialect: Dialect) -> None:
    assert ses_events.read(bounce(REMINDER, dialect=dialect)) == MailEvent(
        "bounce", (ADDRESS,), is_hard=True, is_lost=True,
        effect=mail("reminder", "BK7Q2M9X4T1NG1QR00005"), at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_complaint_is_about_a_mail_that_was_read(dialect: Dialect) -> None:
    assert ses_events.read(complaint(REMINDER, dialect=dialect)) == MailEvent(
        "complaint", (ADDRESS,), is_hard=False, is_lost=False,
        effect=mail("reminder", "BK7Q2M9X4T1NG1QR00005"), at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "subtype", "is_hard", "is_lost"),
    [
        ("Permanent", "General", True, True),
        ("Permanent", "NoEmail", True, True),
        ("Permanent", "OnAccountSuppressionList", True, True),
        ("Transient", "General", False, False),  # perhaps a note of absence
        ("Transient", "MailboxFull", False, True),
        ("Transient", "ContentRejected", False, True),
        ("Undetermined", "Undetermined", False, True),
    ],
)
def test_only_a_permanent_bounce_is_hard_and_only_a_note_of_absence_is_no_loss(
    kind: str, subtype: str, is_hard: bool, is_lost: bool
) -> None:
    event = ses_events.read(bounce(kind=kind, subtype=subtype))
    assert event is not None
    assert (event.is_hard, event.is_lost) == (is_hard, is_lost)


def test_a_complaint_that_made_ses_hold_a_mail_back_is_a_loss() -> None:
    event = ses_events.read(complaint(REMINDER, subtype="OnAccountSuppressionList"))
    assert event is not None
    assert (event.is_hard, event.is_lost) == (False, True)


@pytest.mark.parametrize("effect_id", [None, "EF1-newsletter-x", "hello"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_mail_that_does_not_say_what_it_was_still_has_an_address(
    effect_id: str | None, dialect: Dialect
) -> None:
    event = ses_events.read(bounce(effect_id, dialect=dialect))
    assert event is not None
    assert (event.effect, event.addresses) == (None, (ADDRESS,))


def test_an_address_with_a_name_is_the_address_and_each_counts_once() -> None:
    told = json.loads(bounce())
    told["bounce"]["bouncedRecipients"] = [
        {"emailAddress": text}
        for text in ("Asha <asha@example.com>", "asha@example.com", "nobody", "ravi@example.com")
    ]
    event = ses_events.read(json.dumps(told))
    assert event is not None
    assert event.addresses == ("asha@example.com", "ravi@example.com")


@pytest.mark.parametrize("timestamp", [None, 7, "yesterday", "0001-01-01T00:00:00+23:00"])
def test_an_instant_that_cannot_be_read_is_left_out(timestamp: Any) -> None:
    told = json.loads(bounce())
    told["bounce"]["timestamp"] = timestamp
    event = ses_events.read(json.dumps(told))
    assert event is not None
    assert event.at is None


@pytest.mark.parametrize("kind", ["Delivery", "Send", "Reject", "Open", "Click", "Unheard-of"])
def test_other_events_are_nothing_to_us(kind: str) -> None:
    assert ses_events.read(json.dumps({"eventType": kind, "mail": {}})) is None
    assert ses_events.read(json.dumps({"notificationType": kind, "mail": {}})) is None


BROKEN = [
    "", "{", "null", "7", '"Bounce"', "[]", "{}", '{"eventType": "Bounce"}',
    '{"eventType": "Bounce", "bounce": null, "mail": {}}',
    '{"eventType": "Bounce", "bounce": {"bouncedRecipients": [7]}, "mail": {}}',
    '{"eventType": "Complaint", "complaint": {"complainedRecipients": []}, "mail": []}',
    "Successfully validated SNS topic for Amazon SES event publishing.",
    "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_event_of_ses_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="not an event of SES"):
        ses_events.read(text)


_ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)


@given(
    path=st.sampled_from(
        [("mail",), ("mail", "tags"), ("mail", "tags", "effect"), ("mail", "headers"), ("bounce",),
         ("bounce", "bouncedRecipients"), ("bounce", "bounceType"), ("bounce", "bounceSubType")]
    ),
    odd=_ODD,
)  # fmt: skip
def test_whatever_stands_in_a_place_it_is_read_or_a_value_error(
    path: tuple[str, ...], odd: Any
) -> None:
    told: Any = json.loads(bounce(REMINDER))
    *way, last = path
    place = told
    for step in way:
        place = place[step]
    place[last] = odd
    try:
        event = ses_events.read(json.dumps(told))
    except ValueError:
        return
    assert event is not None
