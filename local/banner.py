"""The text that `make run` prints: the address, the data, the accounts, three things to try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType

from local.demo import ACCOUNTS, PASSWORD

_TEXT = """
Berth is running on {url}   (interface: {url}/api/docs, control surface: {url}/_local/…,
events: {sockets}/ws)
{engine}
{data}

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

  3. Read the mail it caused, then let two hours pass and see the booking expire.
     curl -s '{url}/_local/outbox?to=user1@example.com' | python3 -m json.tool
     curl -s {url}/_local/clock -d '{{"advance_seconds": 7200}}' | python3 -m json.tool
     curl -s {url}/api/user/history -H "Authorization: Bearer $TOKEN" | python3 -m json.tool

Ctrl-C ends it.
"""


def text(
    url: str,
    *,
    endpoint: str | None,
    folder: str,
    clock_offset: int = 0,
    mails_elsewhere: Mapping[str, int] = MappingProxyType({}),
) -> str:
    """The whole text for a server at `url`, on moto or on the engine at `endpoint`, with its data
    in `folder`. `mails_elsewhere` counts the kept mails whose links lead to other addresses."""
    engine = f"DynamoDB is at {endpoint}." if endpoint else "AWS is emulated in this process."
    data = [_kept(endpoint, folder), *_left_by_earlier_runs(clock_offset, mails_elsewhere)]
    return _TEXT.format(
        url=url,
        sockets=url.replace("http://", "ws://"),
        engine=engine,
        data="\n".join(data),
        password=PASSWORD,
        accounts=_accounts(),
    )


def _kept(endpoint: str | None, folder: str) -> str:
    where = f"{folder}/ (records: at {endpoint})" if endpoint else f"{folder}/"
    return f"Your data is kept in {where} over restarts. Begin anew: make run FRESH=1"


def _left_by_earlier_runs(offset: int, mails_elsewhere: Mapping[str, int]) -> Iterator[str]:
    if offset:
        way = "ahead of" if offset > 0 else "behind"
        yield f"The clock is {timedelta(seconds=abs(offset))} {way} real time, as you left it."
    for address, count in sorted(mails_elsewhere.items()):
        mails = "1 kept mail has" if count == 1 else f"{count} kept mails have"
        yield f"{mails} links to {address}: they work when Berth runs on that port."


def _accounts() -> str:
    return "\n".join(f"  {person.username:<10} {person.description}" for person in ACCOUNTS)
