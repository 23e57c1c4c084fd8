from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest

from chalicelib.domain.realtime import webhook
from chalicelib.domain.realtime.webhook import (
    LONGEST_FAILING,
    MOST_FAILURES,
    OVERLAP,
    REST,
    ROW,
    Webhook,
)
from tests.clock import NOON

HOOK = Webhook(
    "central.WH1", "central", "https://x.example.com", ("booking-updated",), "s3cret", NOON
)


def _failing(times: int, over: timedelta) -> Webhook:
    hook = HOOK
    for n in range(times):
        hook = hook.failed(NOON + over * n / max(1, times - 1))
    return hook


@pytest.mark.parametrize(
    ("times", "over", "is_on"),
    [
        (1, timedelta(), True),
        (MOST_FAILURES - 1, LONGEST_FAILING * 9, True),  # long, but not often
        (MOST_FAILURES * 9, LONGEST_FAILING - timedelta(seconds=1), True),  # often, but not long
        (MOST_FAILURES, LONGEST_FAILING, False),
    ],
)
def test_a_webhook_is_switched_off_when_it_fails_often_and_for_long(
    times: int, over: timedelta, is_on: bool
) -> None:
    hook = _failing(times, over)
    assert (hook.failures, hook.active) == (times, is_on)
    assert hook.disabled_at == (None if is_on else NOON + over)


@pytest.mark.parametrize(
    ("failures", "after", "rests"),
    [
        (0, timedelta(), False),
        (ROW - 1, timedelta(), False),  # that may be chance
        (ROW, timedelta(), True),
        (ROW, REST - timedelta(seconds=1), True),
        (ROW, REST, False),
        (ROW * 9, REST, False),  # however often: its calls are its way back
    ],
)
def test_one_that_goes_on_failing_rests_after_each_call(
    failures: int, after: timedelta, *, rests: bool
) -> None:
    hook = _failing(failures, timedelta(hours=1))
    assert hook.rests((hook.failed_at or NOON) + after) is rests
    assert not hook.answered().rests(NOON)


def test_one_call_that_is_taken_makes_good_for_all() -> None:
    hook = _failing(MOST_FAILURES - 1, LONGEST_FAILING).answered()
    assert (hook.failures, hook.failing_since) == (0, None)
    assert hook.failed(NOON + LONGEST_FAILING * 2).active


def test_switched_on_again_it_begins_with_a_clean_slate() -> None:
    hook = _failing(MOST_FAILURES, LONGEST_FAILING).edited({"active": True})
    assert (hook.active, hook.failures, hook.disabled_at) == (True, 0, None)


def test_an_edit_of_something_else_forgets_nothing() -> None:
    hook = _failing(3, timedelta(hours=1)).edited({"description": "x", "active": True})
    assert hook.failures == 3


def test_the_secret_is_in_no_log_line() -> None:
    assert "s3cret" not in repr(HOOK)


def test_the_secret_before_signs_for_a_day_too() -> None:
    first = HOOK.rotated("second", NOON)
    assert first.signs_with(NOON) == ("second", "s3cret")
    assert first.signs_with(NOON + OVERLAP - timedelta(seconds=1)) == ("second", "s3cret")
    assert first.signs_with(NOON + OVERLAP) == ("second",)
    assert "s3cret" not in str(asdict(first.rotated("third", NOON + OVERLAP))), "nor is it kept"


def test_who_never_heard_of_the_new_secret_changes_it_once_more() -> None:
    """The answer was lost, so the other side still has the one before that."""
    later = NOON + timedelta(hours=1)
    hook = HOOK.rotated("lost", NOON).rotated("third", later)
    assert hook.signs_with(later) == ("third", "lost", "s3cret")
    assert hook.signs_with(NOON + OVERLAP) == ("third", "lost")
    assert "s3cret" not in repr(hook)


def test_a_webhook_signs_with_three_secrets_at_most() -> None:
    hook = HOOK
    for n in range(5):
        hook = hook.rotated(f"new{n}", NOON)
    assert hook.signs_with(NOON) == ("new4", "new3", "new2")


def test_a_call_bears_a_signature_for_each_secret() -> None:
    told = webhook.headers(["new", "old"], "central.42", b"{}", NOON)
    timestamp = int(NOON.timestamp())
    assert told["Berth-Signature"].split(",") == [
        webhook.signature("new", timestamp, b"{}"), webhook.signature("old", timestamp, b"{}"),
    ]  # fmt: skip


def test_the_headers_of_a_call() -> None:
    body = b'{"event":"ping"}'
    told = webhook.headers(["whsec_EXAMPLE"], "central.42", body, NOON)
    assert told["Berth-Id"] == "central.42"
    assert told["Berth-Timestamp"] == str(int(NOON.timestamp()))
    assert told["Berth-Signature"] == webhook.signature(
        "whsec_EXAMPLE", int(NOON.timestamp()), body
    )
    other = webhook.headers(["whsec_EXAMPLE"], "central.42", body, NOON + timedelta(seconds=1))
    assert other["Berth-Signature"] != told["Berth-Signature"], "an old call cannot be sent anew"
