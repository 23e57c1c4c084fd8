"""One rule for all reads that need no sign-in, or any: a site or a zone that takes no bookings is not
there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from chalicelib import routes
from chalicelib.api.web.http import PUBLIC
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.services.realtime import subscriptions
from tests.client import Client
from tests.clock import Clock
from tests.world import World

OF_A_ZONE = (
    "/api/zones/{zone_id}/availability",
    "/parking/zone/{zone_id}/status",
)
OF_A_SITE = ("/api/public/sites/{slug}",)
LISTS = ("/api/public/sites", "/api/public/zones", "/api/user/zones")
OF_NO_PLACE = (
    "/", "/api/docs", "/api/openapi.json", "/api/public/health", "/l/{token}",
    "/pay/{token}", "/pay/{token}/result",
    "/entry-qr-scan", "/exit-qr-scan", "/parking/entry", "/parking/entry-qr-scan",
    "/parking/exit-qr-scan", "/receipt/{token}", "/receipt/{token}/pdf",
)  # fmt: skip
PLANS = "/api/public/passes/plans"
"""Of a site that is open, or of one where passes still are valid."""
QUERIES = ("", "?date=2026-11-22", "?start=2026-11-22T06:00:00Z&end=2026-11-22T07:00:00Z")


@dataclass(frozen=True)
class Case:
    """A way in which zone-a comes to take no bookings, and whether the site is meant."""

    name: str
    act: Callable[[World], None]
    whole_site: bool = False


def _zone(world: World, **changes: object) -> None:
    world.change_zone(world.zone_a, **changes)


def _site(world: World, **changes: object) -> None:
    site = world.deps.catalogue.fresh_site("central")
    world.deps.commit(saving(site.evolve(realtime=True, **changes)))


def _now(world: World) -> object:
    return world.deps.now()


CASES = (
    Case("an inactive zone", lambda w: _zone(w, active=False)),
    Case("a closed zone", lambda w: _zone(w, active=False, closed_at=_now(w))),
    Case("an inactive site", lambda w: _site(w, active=False), whole_site=True),
    Case("a closed site", lambda w: _site(w, active=False, closed_at=_now(w)), whole_site=True),
)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def test_every_public_read_is_named_here() -> None:
    declared = {r.path for r in routes.declared() if r.who == PUBLIC and r.method == "GET"}
    assert declared == {*OF_A_ZONE, *OF_A_SITE, *LISTS[:2], *OF_NO_PLACE, PLANS}


@every_case
@pytest.mark.parametrize("path", OF_A_ZONE)
def test_a_zone_that_takes_no_bookings_is_not_there(
    client: Client, world: World, case: Case, path: str
) -> None:
    path = path.replace("{zone_id}", "zone-a")
    assert client.get(path).status == 200
    case.act(world)
    for query in QUERIES if "availability" in path else ("",):
        assert client.get(path + query).status == 404


@every_case
def test_a_site_that_takes_no_bookings_is_not_there(
    client: Client, world: World, case: Case
) -> None:
    assert [zone["zone_id"] for zone in _zones_of_the_site(client)] == ["zone-a"]
    case.act(world)
    if case.whole_site:
        assert client.get("/api/public/sites/central").code == "SITE_NOT_FOUND"
        assert client.get("/api/public/zones?site=central").code == "SITE_NOT_FOUND"
    else:
        assert _zones_of_the_site(client) == []


def _zones_of_the_site(client: Client) -> list[dict[str, object]]:
    zones: list[dict[str, object]] = client.get("/api/public/sites/central").body["zones"]
    return zones


@every_case
def test_lists_do_not_show_it(client: Client, world: World, case: Case) -> None:
    case.act(world)
    user = client.by(world.user)
    for path in LISTS:
        shown = list(_ids(user.get(path).body["items"]))
        assert shown == (["central"] if path.endswith("sites") and not case.whole_site else [])


def _ids(items: list[dict[str, str]]) -> Iterator[str]:
    yield from (item.get("zone_id") or item["slug"] for item in items)


@every_case
def test_the_channel_of_a_site_that_takes_no_bookings_is_not_joined(
    world: World, clock: Clock, case: Case
) -> None:
    _site(world)
    case.act(world)

    def join(token: str) -> str:
        return subscriptions.subscribe(
            world.deps, "C1", token=token, site="central", source_ip="-"
        ).listener.site

    if not case.whole_site:
        assert join(world.token(world.user)) == "central"
        return
    with pytest.raises(errors.SiteNotFound):
        join(world.token(world.user))
    if "closed" in case.name:
        with pytest.raises(errors.SiteNotFound):
            join(world.token(world.staff))
    else:
        assert join(world.token(world.staff)) == "central"
