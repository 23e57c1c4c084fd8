"""The texts of mails that differ by kind of place: a car park, a venue, a hotel."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.texts.counted import Counted


@dataclass(frozen=True)
class KindTexts:
    """The sentences of one language about one kind of place. The caller fills in the names in
    braces; `{space}` is `named`."""

    space: str
    named: str
    booked_for: str
    confirmed_heading: str
    confirmed_lead: str
    began_lead: str
    cancel_account: str
    gate_opens: str
    leave_in_time: str
    provisional: str
    qr_hint: str
    qr_hint_inside: str
    qr_hint_desk: str
    group_spaces_subject: Counted
    group_spaces_lead: Counted
    group_qr_hint: str
    group_qr_hint_desk: str
    other_subject: str
    other_heading: str
    expired_lead: str
    terminated_subject: str
    terminated_heading: str
    terminated_lead: str
    ended_subject: str
    ended_due_subject: str
    ended_free_subject: str
    ended_heading: str
    ended_lead: str
    ended_auto_lead: str
    entry: str
    exit: str
    overstay_heading: str
    overstay_lead: str
    overstay_kept: str
