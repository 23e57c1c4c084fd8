"""The texts of the pages behind links in mails: what every language says, by name."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.core.languages import Language


@dataclass(frozen=True)
class PageTexts:
    """The texts of the link pages in one language. The page fills in the names in braces."""

    language: Language
    place: str
    when: str
    booking: str
    booking_code: str
    price: str
    paid_back: str

    confirm_title: str
    confirm_text: str
    confirm_button: str
    cancel_title: str
    cancel_text: str
    cancel_button: str
    cancel_free: str
    cancelled_title: str
    cancelled_text: str
    auto_cancelled_title: str
    auto_cancelled_text: str
    over_title: str
    begun_title: str
    begun_text: str
    confirmed_title: str
    confirmed_text: str

    claim_title: str
    claim_button: str
    decline_title: str
    decline_text: str
    decline_button: str
    held: str
    claimed_title: str
    claimed_text: str
    left_title: str
    left_text: str
    lapsed_title: str
    lapsed_text: str
    waiting_title: str
    waiting_text: str

    pay_title: str
    pay_fee_text: str
    pay_due_text: str
    pay_pass_text: str
    pay_renewal_text: str
    pay_button: str
    pay_note: str
    pay_again_button: str
    pay_back_title: str
    pay_back_text: str
    pay_go_title: str
    pay_go_text: str
    pay_go_button: str
    pay_late_title: str
    pay_late_text: str
    pay_pass_late_text: str
    pay_nothing_title: str
    pay_nothing_text: str
    pay_pass_nothing_text: str
    paid_title: str
    paid_text: str
    paid_booked_text: str
    paid_pass_text: str
    returned_title: str
    returned_text: str

    unsubscribe_title: str
    unsubscribe_text: str
    unsubscribe_button: str
    unsubscribed_title: str
    still_mailed: str

    verify_title: str
    verify_text: str
    verify_button: str
    verified_title: str
    verified_text: str
    address_title: str
    address_text: str
    address_button: str
    address_changed_title: str
    address_changed_text: str
    password_title: str
    password_text: str
    password_label: str
    password_rule: str
    password_button: str
    password_fault: str
    password_changed_title: str
    password_changed_text: str

    dead_link_title: str
    failed_title: str
    field_fault: str
