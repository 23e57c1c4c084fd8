"""Mails about bookings, stays and accounts (docs/operate/mail.md): values in, a Message out.

Text and HTML agree, because both are rendered from one Letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import zone as timezone
from chalicelib.domain.mail.message import Message
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.stays import check_out
from chalicelib.rendering.mail import calendar, markup, parts, passes
from chalicelib.rendering.mail.bill_rows import bill_rows
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import Button, Fact, Letter
from chalicelib.texts import amounts, clocks
from chalicelib.texts.mails import MailTexts

PRODUCT: Final = "Berth"
"""The sender of mails that belong to no site."""


def booking_confirmed(
    booking: Booking,
    site: Site,
    zone: Zone,
    *,
    code: str,
    invitation: Invitation,
    corrected: bool = False,
    texts: MailTexts,
) -> Message:
    """The confirmation with pass and calendar file. `code` is the QR text; `corrected` for the
    first mail to a corrected address."""
    begun = booking.status is Status.ACTIVE
    times = clocks.span(booking.booked, site.tz, texts.language)
    lead = texts.began_lead if begun else texts.confirmed_lead
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=texts.confirmed_subject.format(number=booking.number, site=site.name, when=times),
        heading=texts.confirmed_heading,
        lead=lead.format(number=booking.number, when=times),
        facts=tuple(parts.booking_facts(booking, site, zone, texts)),
        notice=texts.address_corrected if corrected else "",
        qr_pass=passes.of(booking, zone.policy, code, texts),
        notes=tuple(_booking_notes(booking, site, zone.policy, texts, now=invitation.now)),
        footer=parts.site_footer(booking, site, texts),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest),
    )
    return replace(
        parts.plain(invitation.to, letter),
        attachments=(calendar.invitation(booking, site, zone, invitation),),
        inline=(passes.picture(code),),
    )


def stay_ended(
    to: str,
    booking: Booking,
    site: Site,
    zone: Zone,
    *,
    unsubscribe: str | None = None,
    texts: MailTexts,
) -> Message:
    """The bill of a completed stay, with how to pay what is due. `unsubscribe` is the unsubscribe
    link where the mail is optional. Raises ValueError for a booking without a bill."""
    bill, due = booking.bill, check_out.amount_due(booking)
    if bill is None:
        raise ValueError(f"{booking.booking_id} has no bill")
    facts = {"site": site.name, "number": booking.number, "booking_id": booking.booking_id}
    sums = {
        "total": amounts.show(bill.charged, texts.language),
        "due": amounts.show(due, texts.language),
    }
    free = booking.is_free
    subject = texts.ended_free_subject if free else texts.ended_subject
    lead = texts.ended_auto_lead if booking.auto_checkout else texts.ended_lead
    settle = texts.settle_account if booking.user_id else texts.settle_guest
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=(texts.ended_due_subject if due else subject).format(**facts, **sums),
        heading=texts.ended_heading,
        lead=f"{lead.format(**facts)} {texts.nothing_to_pay if free else texts.ended_bill}",
        facts=tuple(_stay_facts(booking, site, zone, texts)),
        bill=() if free else bill_rows(booking, bill, site.tz, texts),
        notice=settle.format(**facts, **sums) if due else "",
        notes=() if free else tuple(_bill_notes(booking, bill, texts)),
        unsubscribe=parts.unsubscribe_button(unsubscribe, texts),
        footer=parts.site_footer(booking, site, texts),
    )
    return replace(parts.plain(to, letter), unsubscribe=unsubscribe)


def verify_email(to: str, link: str, *, until: datetime, texts: MailTexts) -> Message:
    """The link that proves an address; `until` is when it runs out. It repeats nothing that was
    typed at registration: the reader may be a stranger to it."""
    return parts.plain(
        to,
        account_letter(
            texts,
            subject=texts.verify_subject,
            heading=texts.verify_heading,
            lead=texts.verify_lead,
            button=Button(texts.verify_button, link, texts.link_as_text),
            notes=(texts.link_until.format(until=utc(until, texts)), texts.verify_ignore),
        ),
    )


def reset_password(
    to: str, name: str | None, link: str, *, until: datetime, texts: MailTexts
) -> Message:
    """The link to a new password; `until` is when it runs out. Without a name to an address that
    is not verified."""
    return parts.plain(
        to,
        account_letter(
            texts,
            subject=texts.reset_subject,
            heading=texts.reset_heading,
            greeting=texts.greeting.format(name=name) if name else "",
            lead=texts.reset_lead,
            button=Button(texts.reset_button, link, texts.link_as_text),
            notes=(texts.link_once.format(until=utc(until, texts)), texts.reset_ignore),
        ),
    )


def account_letter(
    texts: MailTexts,
    *,
    subject: str,
    heading: str,
    greeting: str = "",
    lead: str,
    button: Button | None,
    notes: tuple[str, ...],
) -> Letter:
    """The letter of a mail about an account."""
    return Letter(
        language=texts.language,
        sender=PRODUCT,
        subject=subject,
        heading=heading,
        greeting=greeting,
        lead=lead,
        button=button,
        notes=notes,
        footer=(texts.automatic,),
    )


def utc(until: datetime, texts: MailTexts) -> str:
    """An instant in UTC: an account belongs to no site."""
    return clocks.moment(until, timezone("UTC"), texts.language)


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
        yield texts.gate_opens.format(length=clocks.minutes(policy.early_check_in, texts.language))


def _check_out_note(booking: Booking, policy: Policy, texts: MailTexts) -> str:
    if booking.kind != "parking" and policy.auto_checkout_after is None:
        return texts.ends_at_booked_end if policy.check_in == "none" else texts.leave_in_time
    if booking.kind != "parking" or policy.check_in == "none":
        return texts.ends_at_booked_end
    if policy.auto_checkout_after is None:
        return texts.runs_until_exit
    return texts.ends_by_itself.format(
        length=clocks.minutes(policy.auto_checkout_after, texts.language)
    )


def _stay_facts(booking: Booking, site: Site, zone: Zone, texts: MailTexts) -> Iterator[Fact]:
    yield Fact(texts.space, f"{booking.number}, {zone.name}")
    if booking.details.vehicle_number:
        yield Fact(texts.vehicle, booking.details.vehicle_number)
    if booking.actual_start is not None and booking.actual_end is not None:
        stay = Interval.of_stay(booking.actual_start, booking.actual_end)
        entry, exit_ = clocks.ends(stay, site.tz, texts.language)
        yield Fact(texts.entry, entry)
        yield Fact(texts.exit, exit_)
        yield Fact(texts.duration, clocks.length(stay, texts.language))
    if booking.auto_checkout:
        yield Fact(texts.check_out, texts.check_out_auto)
    yield Fact(texts.booking, booking.booking_id)


def _bill_notes(booking: Booking, bill: Bill, texts: MailTexts) -> Iterator[str]:
    if bill.booking_fee and bill.total >= bill.booking_fee:
        yield texts.fee_note.format(fee=amounts.show(bill.booking_fee, texts.language))
    if not bill.charged:
        yield texts.nothing_to_pay
    elif booking.amount_paid >= bill.charged:
        yield texts.all_paid
