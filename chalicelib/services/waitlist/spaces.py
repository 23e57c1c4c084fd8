"""What an entry may ask of the spaces: nothing that a booking would get, and to be let into a room
that is in service (docs/rules/waitlist.md)."""

from __future__ import annotations

from chalicelib.domain.core import errors
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.domain.waitlist.queue import Wish
from chalicelib.services.bookings import free_space, room_choice, settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering


def require_taken(deps: Deps, zone: Zone, wish: Wish, inventory: Inventory, user_id: str) -> None:
    """Refuse a wish that the customer has booked (AlreadyBooked), or that a booking would get
    (StillFree). Free time is offered to the queue first."""
    numbers = wish.among(inventory.numbers)
    taken = occupancy.held(inventory.sheets)
    own = [
        holder
        for number in numbers
        for holder, interval in taken.get(number, {}).items()
        if holder[:10] == f"BK{user_id[2:]}" and interval.overlaps(wish.interval)
    ]
    if own:
        settle.retry_if_ended(deps, own)
        raise errors.AlreadyBooked()
    if not inventory.free(wish.interval, numbers):
        settle.retry_if_freed(deps, zone, inventory.sheets, inventory.numbers)
    if free_space.find(deps, zone, inventory, wish.interval, numbers) is None:
        return
    if offering.waitlist_comes_first(deps, zone, [wish.interval], inventory):
        raise errors.StaleVersion()
    raise errors.StillFree()


def require_in_service(deps: Deps, zone: Zone, entry: Entry, held: str) -> None:
    """Require that the offered room is in service and empty, for an arrival today. An offer that
    has named no room moves to another one: then StaleVersion is raised. Raises RoomNotReady, and
    SpaceTaken where the last guest is still in it."""
    try:
        room_choice.require_in_service(deps, zone, entry.interval.start, held)
    except (errors.RoomNotReady, errors.SpaceTaken):
        inventory = free_space.read(deps, zone, entry.interval)
        among = entry.wish.among(inventory.numbers)
        place = free_space.find(deps, zone, inventory, entry.interval, among)
        if place is None:
            raise
        moved = entry.rearrange(place.number, sheets=place.inventory.sheets, now=deps.now())
        deps.commit(moved.joined_with(place.moves))
        raise errors.StaleVersion() from None
