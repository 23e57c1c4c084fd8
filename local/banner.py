"""What `make run` prints: the address, who can log in, and three things to try."""

from __future__ import annotations

from local.demo import ACCOUNTS, PASSWORD

_TEXT = """
Berth is running on {url}   (interface: {url}/api/docs, control surface: {url}/_local/…,
events: {sockets}/ws)
{engine}

Accounts, each with the password {password}:
{accounts}

Three things to try in another shell:

  1. Log in, and see what is free.
     TOKEN=$(curl -s {url}/api/auth/login -H 'Content-Type: application/json' \\
       -d '{{"username": "user1", "password": "{password}"}}' \\
       | sed 's/.*"access": *"\\([^"]*\\)".*/\\1/')
     curl -s {url}/api/user/zones -H "Authorization: Bearer $TOKEN" | python3 -m json.tool

  2. Book a bay.
     curl -s {url}/api/user/book-slot -H "Authorization: Bearer $TOKEN" \\
       -H 'Content-Type: application/json' \\
       -d '{{"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha"}}' \\
       | python3 -m json.tool

  3. Read the mail it caused, then let two hours pass and see what becomes of the booking.
     curl -s '{url}/_local/outbox?to=user1@example.com' | python3 -m json.tool
     curl -s {url}/_local/clock -d '{{"advance_seconds": 7200}}' | python3 -m json.tool
     curl -s {url}/api/user/history -H "Authorization: Bearer $TOKEN" | python3 -m json.tool

Ctrl-C ends it; {kept}.
"""


def text(url: str, endpoint: str | None) -> str:
    """The whole page for a server at `url`, on moto or on the engine at `endpoint`."""
    engine = f"DynamoDB is at {endpoint}." if endpoint else "AWS is emulated in this process."
    kept = "the data stays there" if endpoint else "nothing is kept"
    sockets = url.replace("http://", "ws://")
    return _TEXT.format(
        url=url, sockets=sockets, engine=engine, password=PASSWORD, accounts=_accounts(), kept=kept
    )


def _accounts() -> str:
    return "\n".join(f"  {person.username:<8} {person.description}" for person in ACCOUNTS)
