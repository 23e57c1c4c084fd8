from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest

from chalicelib.domain.accounts.mailbox import Mailbox, id_of
from chalicelib.domain.core.effect import OPTIONAL, PROVING, MailName, id_in, mail, of_id
from tests.clock import NOON

BOX = Mailbox(id_of("asha@example.com"))
HOUR = timedelta(hours=1)
NAMES: tuple[MailName, ...] = get_args(MailName)


def closed() -> Mailbox:
    box = BOX.bounced(NOON)
    assert box is not None
    return box


def test_an_address_of_which_nothing_is_known_takes_every_mail() -> None:
    assert [
        name for name in NAMES if BOX.is_closed_to(name) or BOX.has_unsubscribed_from(name)
    ] == []


def test_where_mail_bounces_only_those_go_that_somebody_asks_for_to_prove_the_address() -> None:
    assert {name for name in NAMES if not closed().is_closed_to(name)} == PROVING
    assert [name for name in NAMES if closed().has_unsubscribed_from(name)] == []


def test_who_unsubscribes_gets_everything_but_what_is_optional() -> None:
    quiet = BOX.unsubscribed(NOON)
    assert quiet is not None
    assert {name for name in NAMES if quiet.has_unsubscribed_from(name)} == OPTIONAL
    assert [name for name in NAMES if quiet.is_closed_to(name)] == []


@pytest.mark.parametrize(
    "needed",
    ["booking_confirmed", "reminder", "auto_cancelled", "booking_cancelled", "stay_ended",
     "verify_email", "reset_password"],
)  # fmt: skip
def test_what_must_be_acted_on_or_proves_something_is_not_optional(needed: MailName) -> None:
    assert needed not in OPTIONAL


def test_each_thing_is_learned_once() -> None:
    box = closed()
    assert (box.bounced_at, box.version) == (NOON, 1)
    assert box.bounced(NOON + HOUR) is None
    quiet = box.unsubscribed(NOON + HOUR)
    assert quiet is not None
    assert (quiet.unsubscribed_at, quiet.bounced_at, quiet.version) == (NOON + HOUR, NOON, 2)
    assert quiet.unsubscribed(NOON + 2 * HOUR) is None


def test_a_followed_link_opens_it_again_and_nothing_else_is_worth_a_word() -> None:
    assert BOX.proved(NOON) is None
    open_again = closed().proved(NOON + HOUR)
    assert open_again is not None
    assert not open_again.is_closed_to("reminder")


@pytest.mark.parametrize(("late", "counts"), [(-HOUR, False), (timedelta(0), False), (HOUR, True)])
def test_word_of_a_bounce_from_before_the_proof_says_nothing_any_more(
    late: timedelta, counts: bool
) -> None:
    box = closed().proved(NOON + HOUR)
    assert box is not None
    assert (box.bounced(NOON + HOUR + late) is not None) is counts


@pytest.mark.parametrize("name", NAMES)
def test_the_id_of_an_effect_leads_back_to_it(name: MailName) -> None:
    effect = mail(name, "BK7Q2M9X4T1NG1QR00005")
    effect_id = id_in("EF1NG1QR0000000007", effect)
    assert of_id(effect_id) == effect
    assert effect_id.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("text", ["", "-", "EF1", "EF1-reminder", "EF1.reminder.BK1", "é-ü-x"])
def test_what_is_no_id_of_ours_leads_nowhere_or_to_nobody(text: str) -> None:
    effect = of_id(text)
    assert effect is None or effect.subject_id == ""
