"""Mails about the sign-in of an account: what others try with it, and a new address."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.mail.message import Message
from chalicelib.rendering.mail import mails, parts
from chalicelib.rendering.mail.layout import Button
from chalicelib.texts.mails import MailTexts


def address_taken(to: str, link: str, *, until: datetime, texts: MailTexts) -> Message:
    """The notice that the address was registered again, with a `link` to a new password. It repeats
    nothing that was typed."""
    return parts.plain(
        to,
        mails.account_letter(
            texts,
            subject=texts.taken_subject,
            heading=texts.taken_heading,
            lead=texts.taken_lead,
            button=Button(texts.reset_button, link, texts.link_as_text),
            notes=(texts.link_once.format(until=mails.utc(until, texts)), texts.taken_ignore),
        ),
    )


def sign_in_locked(to: str, name: str, link: str, *, until: datetime, texts: MailTexts) -> Message:
    """The notice of a lock after wrong passwords, with a `link` to a new password."""
    return parts.plain(
        to,
        mails.account_letter(
            texts,
            subject=texts.locked_subject,
            heading=texts.locked_heading,
            greeting=texts.greeting.format(name=name),
            lead=texts.locked_lead,
            button=Button(texts.reset_button, link, texts.link_as_text),
            notes=(
                texts.link_once.format(until=mails.utc(until, texts)),
                texts.locked_you,
                texts.locked_ignore,
            ),
        ),
    )


def change_email(to: str, link: str, *, until: datetime, texts: MailTexts) -> Message:
    """The link that makes `to` the address of an account. It repeats nothing that was typed."""
    return parts.plain(
        to,
        mails.account_letter(
            texts,
            subject=texts.verify_subject,
            heading=texts.verify_heading,
            lead=texts.change_lead,
            button=Button(texts.verify_button, link, texts.link_as_text),
            notes=(texts.link_once.format(until=mails.utc(until, texts)), texts.verify_ignore),
        ),
    )


def email_changing(to: str, name: str, link: str, *, until: datetime, texts: MailTexts) -> Message:
    """The notice to the present address that another one is asked for, with a `link` to a new
    password, which stops the change."""
    return parts.plain(
        to,
        mails.account_letter(
            texts,
            subject=texts.changing_subject,
            heading=texts.changing_heading,
            greeting=texts.greeting.format(name=name),
            lead=texts.changing_lead,
            button=Button(texts.reset_button, link, texts.link_as_text),
            notes=(texts.changing_stop, texts.link_once.format(until=mails.utc(until, texts))),
        ),
    )


def email_changed(to: str, name: str, *, texts: MailTexts) -> Message:
    """The notice to the former address that the account has another one."""
    return parts.plain(
        to,
        mails.account_letter(
            texts,
            subject=texts.new_address_subject,
            heading=texts.new_address_heading,
            greeting=texts.greeting.format(name=name),
            lead=texts.new_address_lead,
            button=None,
            notes=(texts.new_address_ignore,),
        ),
    )
