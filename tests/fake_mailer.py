"""A mailer for tests, which can be made to fail."""

from __future__ import annotations

from chalicelib.domain.mail.message import Message


class FakeMailer:
    """Keeps what it is given to send. It fails for each address in `trouble`, and for all of them
    under the key "*"."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.trouble: dict[str, Exception] = {}

    def send(self, message: Message) -> None:
        problem = self.trouble.get(message.to) or self.trouble.get("*")
        if problem is not None:
            raise problem
        self.sent.append(message)

    @property
    def recipients(self) -> list[str]:
        return [message.to for message in self.sent]
