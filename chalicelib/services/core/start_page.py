"""Sections of the start page. The page has its own; the local runtime adds some through `Deps`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A link, and a sentence on the page behind it."""

    href: str
    label: str
    text: str = ""


@dataclass(frozen=True)
class Step:
    """One thing to try: a sentence, and the shell commands or the link that do it."""

    text: str
    commands: str = ""
    link: Link | None = None


@dataclass(frozen=True)
class Section:
    """A part of the start page: a title, a sentence, and what of links, facts and steps it has."""

    title: str
    text: str = ""
    links: tuple[Link, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    steps: tuple[Step, ...] = ()
