from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator

import pytest

from local.demo import ACCOUNTS, PASSWORD
from local.start_sections import sections
from tests.local_server import LocalServer


@pytest.fixture(scope="module")
def berth() -> Iterator[LocalServer]:
    started = LocalServer()
    yield started
    started.end()


def fetch(berth: LocalServer, path: str) -> tuple[int, str]:
    with urllib.request.urlopen(berth.address + path) as answer:
        return answer.status, answer.read().decode()


def test_the_start_page_names_the_demo_accounts_and_their_password(berth: LocalServer) -> None:
    _, text = fetch(berth, "/")
    assert PASSWORD in text
    assert all(f"<dt>{person.username}</dt>" in text for person in ACCOUNTS)


def test_every_link_of_the_sections_leads_to_a_page(berth: LocalServer) -> None:
    links = [link for section in sections("") for link in section.links]
    links += [step.link for section in sections("") for step in section.steps if step.link]
    assert links
    assert [link.href for link in links if fetch(berth, link.href)[0] != 200] == []


def test_the_commands_to_try_work_as_they_stand(berth: LocalServer) -> None:
    steps = [step for section in sections(berth.address) for step in section.steps]
    script = "\n".join(f"{step.commands}; echo" for step in steps if step.commands)
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    booked, listed = map(json.loads, run.stdout.split("\n")[:2])
    assert [each["booking_id"] for each in listed["items"]] == [booked["booking_id"]]
