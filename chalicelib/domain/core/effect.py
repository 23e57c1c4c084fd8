"""Effects: mails, tasks, events and webhook calls of a step, delivered later from the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

MailName = Literal[
    "booking_confirmed", "reminder", "auto_cancelled", "booking_cancelled", "stay_ended",
    "booking_changed", "booking_expired", "stay_terminated", "address_corrected", "pass_replaced",
    "group_confirmed", "group_cancelled", "stay_over", "offer", "offer_lapsed", "wait_ended",
    "verify_email", "reset_password", "webhook_disabled", "address_taken", "sign_in_locked",
    "overstay", "change_email", "email_changing", "email_changed", "payment_returned",
    "payment_awaited", "stay_renewed", "renewal_refused", "deposit_settled",
    "season_pass_sold", "season_pass_returned", "season_pass_ends",
]  # fmt: skip
TaskName = Literal[
    "offer_time", "end_waiting", "ask_mover", "ask_gateway", "await_payment", "issue_papers"
]
EventName = Literal[
    "room-status-changed", "booking-updated", "booking-overstayed", "booking-checked-out",
    "availability-changed",
]  # fmt: skip
"""In the order in which the events of one change are published."""
EffectName = MailName | TaskName | EventName

OPTIONAL: Final[frozenset[EffectName]] = frozenset({"stay_over"})
"""Mails that need no action and prove nothing. A mailbox can unsubscribe from them."""

PROVING: Final[frozenset[EffectName]] = frozenset(
    {"verify_email", "reset_password", "address_taken", "change_email"}
)
"""Mails that prove an address. They alone are sent to an address that has bounced."""

WAIT: Final[Mapping[EffectName, timedelta]] = {
    "booking_changed": timedelta(minutes=1),
    "await_payment": timedelta(minutes=2),
    "payment_awaited": timedelta(minutes=3),
}
"""How long a mail waits for further changes, so that several are one mail; a new payment until its
order is looked up at the gateway; and the mail with its link, so that nobody gets it who pays at
once."""

_MAIL_NAMES: Final = frozenset(get_args(MailName))


@dataclass(frozen=True)
class Effect:
    """One thing to deliver: a mail, a task too long for the step that needs it, an event, or a
    webhook call. `subject_id` names its booking, group, entry, account, zone, room or event, which
    is read again at delivery. `site` is the site of an event."""

    kind: Literal["mail", "task", "event", "webhook"]
    name: EffectName
    subject_id: str
    site: str = ""

    @property
    def wait(self) -> timedelta:
        """How long it waits before it may be delivered."""
        return WAIT.get(self.name, timedelta(0))


def mail(name: MailName, subject_id: str) -> Effect:
    """The mail `name` about a booking, a group, an entry or an account."""
    return Effect("mail", name, subject_id)


def offer_time(zone_id: str) -> Effect:
    """The task that offers the free time of a zone to its waitlist."""
    return Effect("task", "offer_time", zone_id)


def end_waiting(account_id: str) -> Effect:
    """The task that ends the waitlist entries of an account that is switched off."""
    return Effect("task", "end_waiting", account_id)


def ask_mover(account_id: str) -> Effect:
    """The task that mails open questions and offers again to an account with another address."""
    return Effect("task", "ask_mover", account_id)


def ask_gateway(name: str) -> Effect:
    """The task that asks the gateway about a payment: `name` is that of a question, most often our
    reference for the payment."""
    return Effect("task", "ask_gateway", name)


def await_payment(reference: str) -> Effect:
    """The task that asks the gateway about a new payment, after a while."""
    return Effect("task", "await_payment", reference)


def issue_papers(booking_id: str) -> Effect:
    """The task that issues the receipts, invoices and credit notes that a booking calls for."""
    return Effect("task", "issue_papers", booking_id)


def id_in(batch_id: str, effect: Effect) -> str:
    """The id of an effect of a batch, in letters, digits, `_` and `-`: the mail service allows no
    others in a tag.

    >>> id_in("EF1", mail("reminder", "BK7Q2M9X4T1NG1QR00005"))
    'EF1-reminder-BK7Q2M9X4T1NG1QR00005'
    >>> id_in("EF1", mail("webhook_disabled", "hall.WH7Q2M9X4T/US7Q2M9X4T"))
    'EF1-webhook_disabled-hall_WH7Q2M9X4T__US7Q2M9X4T'
    """
    subject_id = effect.subject_id.replace("/", "__").replace(".", "_")
    return f"{batch_id}-{effect.name}-{subject_id}"


def of_id(effect_id: str) -> Effect | None:
    """The mail with the effect id; None where the id is none of ours.

    >>> of_id("EF1-reminder-BK7Q2M9X4T1NG1QR00005")
    Effect(kind='mail', name='reminder', subject_id='BK7Q2M9X4T1NG1QR00005', site='')
    >>> of_id("EF1-newsletter-everybody") is None
    True
    """
    _, name, subject_id = (*effect_id.split("-", 2), "", "")[:3]
    subject_id = subject_id.replace("__", "/").replace("_", ".")
    return mail(name, subject_id) if name in _MAIL_NAMES else None  # type: ignore[arg-type]


def event(name: EventName, site: str, subject_id: str) -> Effect:
    """The event `name` about a booking, a room or a zone of a site."""
    return Effect("event", name, subject_id, site)


def webhook(name: EventName, webhook_id: str, event_id: str) -> Effect:
    """The call of a webhook with an event of its site."""
    return Effect("webhook", name, f"{webhook_id}/{event_id}")


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver an effect. `effect_id` is the same at each attempt, `since` is when
    the effect was committed, `attempt` counts from 1, and `is_last` excludes another attempt."""

    effect: Effect
    effect_id: str
    since: datetime
    attempt: int = 1
    is_last: bool = False
