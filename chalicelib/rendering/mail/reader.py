"""The reader of a mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain.core.languages import Language
from chalicelib.domain.mail.operator import BERTH, Operator

if TYPE_CHECKING:
    from chalicelib.texts.mails import MailTexts


@dataclass(frozen=True)
class Reader:
    """To whom a mail goes, in which language and by which name, if one is known. The `operator`
    answers where a site has no contact."""

    address: str
    language: Language
    name: str = ""
    operator: Operator = BERTH

    @property
    def texts(self) -> MailTexts:
        """The texts of mails in that language."""
        from chalicelib.texts import catalogue

        return catalogue.mails(self.language)

    @property
    def greeting(self) -> str:
        """The greeting by name; empty without a name."""
        return self.texts.greeting.format(name=self.name) if self.name else ""
