"""The texts of mails: what every language says, by name. The catalogue of a language fills them in
(`catalogue.py`); a text that is missing there is an error, as is one without a name here."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.core.languages import Language
from chalicelib.texts.counted import Counted


@dataclass(frozen=True)
class MailTexts:
    """The sentences of one language. The caller fills in the names in braces."""

    language: Language
    automatic: str
    footer_why: str
    greeting: str

    confirmed_subject: str
    confirmed_heading: str
    confirmed_lead: str
    began_lead: str
    space: str
    place: str
    when: str
    vehicle: str
    booked_for: str
    booking: str
    price: str
    qr_heading: str
    qr_alt: str
    qr_hint: str
    qr_hint_inside: str
    qr_hint_no_gate: str
    qr_hint_desk: str
    gate_opens: str
    ends_by_itself: str
    ends_at_booked_end: str
    leave_in_time: str
    runs_until_exit: str
    no_gate: str
    cancel_account: str
    cancel_guest: str
    cancel_free: str
    cancel_until: str
    cancel_kept: str
    cancel_later: str
    cancel_window: str
    cancel_never: str
    provisional_space: str
    provisional_room: str
    calendar_hint: str
    will_be_asked: str
    guest: str

    group_spaces_subject: Counted
    group_dates_subject: Counted
    group_heading: str
    group_spaces_lead: Counted
    group_dates_lead: Counted
    group_booking: str
    group_qr_hint: str
    group_qr_hint_no_gate: str
    group_qr_hint_desk: str
    group_calendar_hint: str
    group_cancel_account: str
    group_cancel_guest: str
    group_footer_why: str
    group_cancelled_subject: Counted
    group_cancelled_heading: str
    group_cancelled_lead: str
    group_own_cancelled_lead: str
    group_cancelled_calendar: str

    reminder_subject: str
    reminder_heading: str
    reminder_lead: str
    reminder_button: str
    reminder_warning: str
    reminder_cancel: str
    reminder_cancel_as_text: str

    given_up_subject: str
    given_up_heading: str
    auto_cancelled_lead: str
    booking_cancelled_lead: str
    reason: str
    given_up_calendar: str

    changed_lead: str
    changed_lead_own: str
    moved_subject: str
    moved_heading: str
    extended_subject: str
    extended_heading: str
    shortened_subject: str
    shortened_heading: str
    other_space_subject: str
    other_space_heading: str
    other_room_subject: str
    other_room_heading: str
    changed_subject: str
    changed_heading: str
    changed_before: str
    changed_now: str
    changed_calendar: str
    changed_contact: str

    qr_new_subject: str
    qr_new_heading: str
    qr_new_lead: str
    address_corrected: str

    own_cancelled_lead: str
    expired_subject: str
    expired_heading: str
    expired_lead: str
    expired_fee: str
    expired_kept: str
    expired_mistake: str
    terminated_subject: str
    terminated_heading: str
    terminated_lead: str

    offer_subject: str
    offer_heading: str
    offer_lead: str
    offer_held: str
    offer_button: str
    offer_notice: str
    offer_decline: str
    offer_decline_as_text: str
    offer_app: str
    offer_why: str
    offer_lapsed_subject: str
    offer_lapsed_heading: str
    offer_lapsed_lead: str
    wait_ended_subject: str
    wait_ended_heading: str
    wait_ended_lead: str
    wait_closed_subject: str
    wait_closed_heading: str
    wait_closed_lead: str
    wait_again: str
    wait_why: str

    free_of_charge: str
    per_hour: str
    per_unit: str
    per_day: str
    per_night: str
    free_minutes: str
    day_cap: str
    late_fee: str
    no_show_fee: str
    flat: str
    band: str
    outside_bands: str
    grace: str
    booking_fee: str
    tax_inclusive: str
    tax_on_top: str

    ended_subject: str
    ended_due_subject: str
    ended_free_subject: str
    ended_heading: str
    ended_lead: str
    ended_auto_lead: str
    ended_bill: str
    entry: str
    exit: str
    duration: str
    check_out: str
    check_out_auto: str
    line_detail: str
    line_from: str
    tax_line: str
    tax_included: str
    total: str
    least_charge: str
    fee_credited: str
    paid_before: str
    paid_at_exit: str
    waived: str
    due: str
    nothing_to_pay: str
    fee_note: str
    settle_account: str
    settle_guest: str
    all_paid: str

    unsubscribe: str
    unsubscribe_as_text: str

    webhook_disabled_subject: str
    webhook_disabled_heading: str
    webhook_disabled_lead: str
    webhook_url: str
    webhook_since: str
    webhook_disabled_at: str
    webhook_missed: str
    webhook_again: str
    webhook_why: str

    overstay_subject: str
    overstay_heading: str
    overstay_lead: str
    booked_until: str
    overstay_billed: str
    overstay_kept: str
    desk_why: str

    verify_subject: str
    verify_heading: str
    verify_lead: str
    verify_button: str
    verify_ignore: str
    reset_subject: str
    reset_heading: str
    reset_lead: str
    reset_button: str
    reset_ignore: str
    taken_subject: str
    taken_heading: str
    taken_lead: str
    taken_ignore: str
    locked_subject: str
    locked_heading: str
    locked_lead: str
    locked_you: str
    locked_ignore: str
    change_lead: str
    changing_subject: str
    changing_heading: str
    changing_lead: str
    changing_stop: str
    new_address_subject: str
    new_address_heading: str
    new_address_lead: str
    new_address_ignore: str
    link_until: str
    link_once: str
    link_as_text: str
