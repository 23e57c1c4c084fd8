"""Mails about the sign-in of an account: what others try with it, and a new address."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.mail.message import Message
from chalicelib.rendering.mail import mails
from chalicelib.rendering.mail.layout import Button
from chalicelib.rendering.mail.reader import Reader


def address_taken(reader: Reader, link: str, *, until: datetime) -> Message:
    """The notice that the address was registered again, with a `link` to a new password. It repeats
    nothing that was typed."""
    texts = reader.texts
    return mails.about_account(
        reader,
        subject=texts.taken_subject,
        heading=texts.taken_heading,
        lead=texts.taken_lead,
        button=Button(texts.reset_button, link, texts.link_as_text),
        notes=(texts.link_once.format(until=mails.utc(until, texts)), texts.taken_ignore),
    )


def sign_in_locked(reader: Reader, link: str, *, until: datetime) -> Message:
    """The notice of a lock after wrong passwords, with a `link` to a new password."""
    texts = reader.texts
    return mails.about_account(
        reader,
        subject=texts.locked_subject,
        heading=texts.locked_heading,
        greeting=reader.greeting,
        lead=texts.locked_lead,
        button=Button(texts.reset_button, link, texts.link_as_text),
        notes=(
            texts.link_once.format(until=mails.utc(until, texts)),
            texts.locked_you,
            texts.locked_ignore,
        ),
    )


def change_email(reader: Reader, link: str, *, until: datetime) -> Message:
    """The link that makes the address of the reader that of an account. It repeats nothing that was
    typed."""
    texts = reader.texts
    return mails.about_account(
        reader,
        subject=texts.verify_subject,
        heading=texts.verify_heading,
        lead=texts.change_lead,
        button=Button(texts.verify_button, link, texts.link_as_text),
        notes=(texts.link_once.format(until=mails.utc(until, texts)), texts.verify_ignore),
    )


def email_changing(reader: Reader, link: str, *, until: datetime) -> Message:
    """The notice to the present address that another one is asked for, with a `link` to a new
    password, which stops the change."""
    texts = reader.texts
    return mails.about_account(
        reader,
        subject=texts.changing_subject,
        heading=texts.changing_heading,
        greeting=reader.greeting,
        lead=texts.changing_lead,
        button=Button(texts.reset_button, link, texts.link_as_text),
        notes=(texts.changing_stop, texts.link_once.format(until=mails.utc(until, texts))),
    )


def email_changed(reader: Reader) -> Message:
    """The notice to the former address that the account has another one."""
    texts = reader.texts
    return mails.about_account(
        reader,
        subject=texts.new_address_subject,
        heading=texts.new_address_heading,
        greeting=reader.greeting,
        lead=texts.new_address_lead,
        button=None,
        notes=(texts.new_address_ignore,),
    )
