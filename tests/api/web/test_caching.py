from __future__ import annotations

import gzip

import pytest

from local.gateway import Gateway
from tests.client import Client
from tests.clock import Clock
from tests.gateway import header, through
from tests.world import World


@pytest.fixture
def path(world: World) -> str:
    return f"/api/bookings/{world.book().booking_id}"


def test_whoever_polls_is_told_that_nothing_has_happened(
    client: Client, world: World, clock: Clock, path: str
) -> None:
    user = client.by(world.user)
    first = user.get(path)
    clock.move(minutes=5)
    again = user.sending(If_None_Match=first.headers["ETag"]).get(path)
    assert (again.status, bool(again.body)) == (304, False)
    assert again.headers["ETag"] == first.headers["ETag"]


def test_whoever_polls_is_told_what_has_happened(client: Client, world: World, path: str) -> None:
    user = client.by(world.user)
    tag = user.get(path).headers["ETag"]
    user.patch(path, {"vehicle_number": "KA05ZZ9999"})
    again = user.sending(If_None_Match=tag).get(path)
    assert again.status == 200
    assert again.headers["ETag"] != tag


def test_the_last_five_minutes_are_news(
    client: Client, world: World, clock: Clock, path: str
) -> None:
    user = client.by(world.user)
    tag = user.get(path).headers["ETag"]
    clock.move(minutes=56)
    assert user.sending(If_None_Match=tag).get(path).body["expiring_soon"] is True


@pytest.mark.parametrize("known", ['"other", {tag}', "*", "{strong}"])
def test_a_list_of_tags_or_any_will_do(client: Client, world: World, path: str, known: str) -> None:
    user = client.by(world.user)
    tag = user.get(path).headers["ETag"]
    asked = known.format(tag=tag, strong=tag.removeprefix("W/"))
    assert user.sending(If_None_Match=asked).get(path).status == 304


@pytest.mark.parametrize(
    "path", ["/api/public/zones", "/api/user/current-session", "/api/zones/zone-a/availability"]
)
def test_what_is_polled_has_a_tag(client: Client, world: World, path: str) -> None:
    answer = client.by(world.user).get(path)
    assert answer.headers["ETag"].startswith('W/"')


def test_a_compressed_answer_has_the_same_tag_and_may_be_asked_for_again(
    client: Client, world: World, gateway: Gateway
) -> None:
    user = client.by(world.admin)
    plain, packed = (
        through(gateway, user, "/api/admin/zones", Accept_Encoding=coding)
        for coding in ("identity", "gzip")
    )
    assert header(packed, "Content-Encoding") == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert header(packed, "Vary") == header(plain, "Vary") == "Accept-Encoding"
    tag = header(packed, "ETag")
    assert tag == header(plain, "ETag")
    again = through(gateway, user, "/api/admin/zones", Accept_Encoding="gzip", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
