"""Mails about bookings, stays and accounts (docs/operate/mail.md): values in, a Message out.

Text and HTML agree, because both are rendered from one Letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.contact import mailbox_in
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import zone as timezone
from chalicelib.domain.mail.message import Message
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.stays import check_out
from chalicelib.rendering.mail import calendar, markup, parts, passes, payments, reminders, times
from chalicelib.rendering.mail.bill_rows import bill_rows
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import Button, Fact, Letter
from chalicelib.rendering.mail.reader import Reader
from chalicelib.rendering.mail.reminders import Question
from chalicelib.texts import amounts, clocks
from chalicelib.texts.mails import MailTexts


def booking_confirmed(
    booking: Booking,
    site: Site,
    zone: Zone,
    *,
    code: str,
    invitation: Invitation,
    corrected: bool = False,
    question: Question | None = None,
) -> Message:
    """The confirmation with pass and calendar file. `code` is the QR text; `corrected` for the
    first mail to a corrected address; with the question that its guest has not answered."""
    reader = invitation.reader
    texts, kind = reader.texts, reader.texts.of(booking.kind)
    words = parts.words(booking, site, texts)
    lead = kind.began_lead if booking.status is Status.ACTIVE else kind.confirmed_lead
    opening: dict[str, Any] = {
        "heading": kind.confirmed_heading,
        "lead": lead.format(**words),
        "notice": texts.address_corrected if corrected else "",
    }
    if question is not None:
        opening = reminders.asking(question, booking, site, texts)
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=texts.confirmed_subject.format(**words),
        greeting=reader.greeting,
        facts=tuple(parts.booking_facts(booking, site, zone, texts)),
        **opening,
        qr_pass=passes.of(booking, zone.policy, code, texts),
        notes=tuple(_booking_notes(booking, site, zone.policy, texts, now=invitation.now)),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest),
    )
    return parts.message(
        reader,
        letter,
        attachments=(calendar.invitation(booking, site, zone, invitation),),
        inline=(passes.picture(code),),
    )


def stay_ended(
    reader: Reader,
    booking: Booking,
    site: Site,
    zone: Zone,
    *,
    unsubscribe: str | None = None,
    pay: str | None = None,
    receipt: str | None = None,
) -> Message:
    """The bill of a completed stay, with how to pay what is due: by the link `pay`, where it can be
    paid online; with the link to its `receipt`. `unsubscribe` is the unsubscribe link where the
    mail is optional. Raises ValueError for a booking without a bill."""
    bill, due = booking.bill, check_out.amount_due(booking)
    if bill is None:
        raise ValueError(f"{booking.booking_id} has no bill")
    texts, kind = reader.texts, reader.texts.of(booking.kind)
    words = parts.words(booking, site, texts) | {
        "total": amounts.show(bill.charged, reader.language),
        "due": amounts.show(due, reader.language),
    }
    free = booking.is_free
    subject = kind.ended_free_subject if free else kind.ended_subject
    lead = kind.ended_auto_lead if booking.auto_checkout else kind.ended_lead
    pay = pay if due else None
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=(kind.ended_due_subject if due else subject).format(**words),
        heading=kind.ended_heading,
        greeting=reader.greeting,
        lead=f"{lead.format(**words)} {texts.nothing_to_pay if free else texts.ended_bill}",
        facts=tuple(_stay_facts(booking, site, zone, texts)),
        bill=() if free else bill_rows(booking, bill, site.tz, texts),
        notice=payments.how_to_settle(booking, texts, pay).format(**words) if due else "",
        button=payments.pay_button(due, pay, texts),
        notes=() if free else tuple(_bill_notes(booking, bill, texts)),
        other=_receipt_button(receipt, texts),
        unsubscribe=parts.unsubscribe_button(unsubscribe, texts),
    )
    return parts.message(reader, letter, unsubscribe=unsubscribe)


def _receipt_button(receipt: str | None, texts: MailTexts) -> Button | None:
    if receipt is None:
        return None
    return Button(texts.receipt_button, receipt, texts.receipt_as_text)


def verify_email(reader: Reader, link: str, *, until: datetime) -> Message:
    """The link that proves an address; `until` is when it runs out. It repeats nothing that was
    typed at registration: the reader may be a stranger to it."""
    texts = reader.texts
    return about_account(
        reader,
        subject=texts.verify_subject,
        heading=texts.verify_heading,
        lead=texts.verify_lead,
        button=Button(texts.verify_button, link, texts.link_as_text),
        notes=(texts.link_until.format(until=utc(until, texts)), texts.verify_ignore),
    )


def reset_password(reader: Reader, link: str, *, until: datetime) -> Message:
    """The link to a new password; `until` is when it runs out. The reader has no name at an address
    that is not verified."""
    texts = reader.texts
    return about_account(
        reader,
        subject=texts.reset_subject,
        heading=texts.reset_heading,
        greeting=reader.greeting,
        lead=texts.reset_lead,
        button=Button(texts.reset_button, link, texts.link_as_text),
        notes=(texts.link_once.format(until=utc(until, texts)), texts.reset_ignore),
    )


def about_account(reader: Reader, **content: Any) -> Message:
    """A mail about an account, from the operator."""
    letter = Letter(
        language=reader.language,
        sender=reader.operator.name,
        reply_to=mailbox_in(reader.operator.contact),
        footer=tuple(filter(None, (parts.operator_contact(reader),))),
        **content,
    )
    return parts.message(reader, letter)


def utc(until: datetime, texts: MailTexts) -> str:
    """An instant in UTC: an account belongs to no site."""
    return f"{clocks.moment(until, timezone('UTC'), texts.language)} UTC"


def _booking_notes(
    booking: Booking, site: Site, policy: Policy, texts: MailTexts, *, now: datetime
) -> Iterator[str]:
    yield from parts.provisional(booking, texts)
    if booking.status is not Status.ACTIVE:
        yield from _check_in_notes(booking, policy, texts)
    yield _check_out_note(booking, policy, texts)
    yield from parts.cancelling(booking, site, policy, texts, now=now)
    yield from parts.will_be_asked(booking, policy, texts, now=now)
    yield texts.calendar_hint


def _check_in_notes(booking: Booking, policy: Policy, texts: MailTexts) -> Iterator[str]:
    if policy.check_in == "none":
        yield texts.no_gate
    elif policy.early_check_in and booking.kind != "room":  # the desk says when a room is ready
        length = clocks.minutes(policy.early_check_in, texts.language)
        yield texts.of(booking.kind).gate_opens.format(length=length)


def _check_out_note(booking: Booking, policy: Policy, texts: MailTexts) -> str:
    if booking.kind != "parking" and policy.auto_checkout_after is None:
        leave = texts.of(booking.kind).leave_in_time
        return texts.ends_at_booked_end if policy.check_in == "none" else leave
    if booking.kind != "parking" or policy.check_in == "none":
        return texts.ends_at_booked_end
    if policy.auto_checkout_after is None:
        return texts.runs_until_exit
    return texts.ends_by_itself.format(
        length=clocks.minutes(policy.auto_checkout_after, texts.language)
    )


def _stay_facts(booking: Booking, site: Site, zone: Zone, texts: MailTexts) -> Iterator[Fact]:
    yield Fact(texts.of(booking.kind).space, f"{booking.number}, {zone.name}")
    yield from parts.people(booking, texts)
    if booking.actual_start is not None and booking.actual_end is not None:
        stay = Interval.of_stay(booking.actual_start, booking.actual_end)
        yield from times.of_stay(booking, stay, site.tz, texts)
    yield from parts.names(booking, texts)


def _bill_notes(booking: Booking, bill: Bill, texts: MailTexts) -> Iterator[str]:
    if bill.booking_fee and min(bill.total, bill.amount_paid) >= bill.booking_fee:
        yield texts.fee_note.format(fee=amounts.show(bill.booking_fee, texts.language))
    if not bill.charged:
        yield texts.nothing_to_pay
    elif booking.amount_paid >= bill.charged:
        yield texts.all_paid
