"""Checks all rows before one is written: what they say, whom and what they name, and which of them
collide. Faults are noted by file, line and column in the staging file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from chalicelib.api.web import parse
from chalicelib.domain.accounts.account import login_name
from chalicelib.domain.core import errors, localtime, unixtime
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import Verbatim, Wording
from chalicelib.domain.imports.bookings import OldBooking
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.site import Zone
from chalicelib.gateways import old_passwords
from chalicelib.services.core.deps import Deps
from chalicelib.store import imported
from local.importing import source_files
from local.importing.people import People
from local.importing.places import Places
from local.importing.resolving import UNNUMBERED, Resolver
from local.importing.rows import KINDS, CustomerRow, SpaceRow, ZoneRow
from local.importing.source_files import RawRow
from local.importing.staging import CHUNK, StagedRow, Staging
from local.importing.systems import Model

Show = Callable[[str, int], None]
"""Shows how many rows of a kind are done."""

NO_PASSWORD: Final = "!"


@dataclass(frozen=True)
class SourceFile:
    """A file with the kind of its rows, and the model they are of where it is another system's."""

    path: Path
    kind: str
    model: Model | None = None

    def column(self, ours: str) -> str:
        """The name of our column in the file."""
        return ours if self.model is None else self.model.field_of(ours)


@dataclass(frozen=True)
class Check:
    """One check of files. `defaults` are columns of rows that do not have them."""

    deps: Deps
    staging: Staging
    places: Places
    people: People
    resolver: Resolver
    files: Sequence[SourceFile]
    defaults: dict[str, str]
    show: Show

    def run(self) -> None:
        """Stage and check every row. Raises FileError for a file that cannot be read at all."""
        for file in sorted(self.files, key=lambda file: list(KINDS).index(file.kind)):
            for raw in source_files.rows(file.path):
                self._stage(file, raw)
        for kind in KINDS:
            for seen, chunk in enumerate(self.staging.chunks(kind), 1):
                self._chunk(kind, chunk)
                self.show(kind, seen * CHUNK)
        self._overlaps()
        self._numbers()

    # -- one row by itself -----------------------------------------------------------------------

    def _stage(self, file: SourceFile, raw: RawRow) -> None:
        name, line = str(file.path), raw.line
        for column, what in raw.faults.items():
            self.staging.fault(name, line, column, what)
        if raw.faults:
            return
        values = raw.values if file.model is None else file.model.row(raw.values)
        values = {**self._defaults(file.kind), **values}
        try:
            parse.read(KINDS[file.kind], values, texts=True)
        except errors.Invalid as invalid:
            for column, what in invalid.fields.items():
                self.staging.fault(name, line, file.column(column), what)
            return
        where = self.staging.add(file.kind, name, line, values, refs=_refs(file.kind, values))
        if where is not None:
            self.staging.fault(name, line, file.column("id"), f"is also the id on {where}")

    def _defaults(self, kind: str) -> dict[str, str]:
        """The columns of a kind that the command line gives."""
        return self.defaults if kind == "zones" else {}

    # -- what rows name --------------------------------------------------------------------------

    def _chunk(self, kind: str, chunk: list[StagedRow]) -> None:
        known = imported.find(self.resolver.old_id(row) for row in chunk)
        self.staging.mark_done(row for row in chunk if self.resolver.old_id(row) in known)
        new = [row for row in chunk if self.resolver.old_id(row) not in known]
        match kind:
            case "bookings":
                self._bookings(new)
            case "waitlist":
                self._entries(new)
            case "spaces":
                self._each(chunk, self._space)
            case "zones":
                self._each(new, self._zone)
            case "customers":
                self._each(new, self._customer)
            case "payments":
                self._each(new, self._payment)

    def _each(self, rows: list[StagedRow], check: Callable[[StagedRow], object]) -> None:
        for row in rows:
            try:
                check(row)
            except errors.Invalid as invalid:
                self._refuse(row, invalid)

    def _refuse(self, row: StagedRow, invalid: errors.Invalid) -> None:
        file = next(file for file in self.files if str(file.path) == row.file)
        for column, what in invalid.fields.items():
            self.staging.refuse(row, file.column(column), what)

    def _zone(self, row: StagedRow) -> None:
        self.places.new_zone(parse.read(ZoneRow, row.values, texts=True))

    def _space(self, row: StagedRow) -> None:
        space = parse.read(SpaceRow, row.values, texts=True)
        zone_id = self.places.zone(space.zone).zone_id
        space_id = f"{zone_id}.{space.number}"
        other = self.staging.find_by("spaces", space_id)
        if other is not None and other.seq != row.seq:
            raise errors.Invalid({"number": Verbatim(f"is also the space on {other.where}")})
        self.staging.name(row, zone_id, space_id)

    def _customer(self, row: StagedRow) -> None:
        customer = parse.read(CustomerRow, row.values, texts=True)
        faults: dict[str, Wording] = {}
        for column, name in (("email", customer.email), ("username", customer.username)):
            other = name and self.staging.find_by("customers", login_name(name))
            if other and other.seq != row.seq:
                faults[column] = Verbatim(f"is also that of the customer on {other.where}")
        if customer.username and not faults:
            owner = self.deps.accounts.id_of_login(customer.username)
            if owner is not None and owner != self.deps.accounts.id_of_login(customer.email):
                faults["username"] = Verbatim("opens another account")
        if _is_unusable(customer.password):
            faults["password"] = Verbatim(
                "is of a scheme that cannot be verified here, or too costly: leave it empty, and "
                "the customer chooses a password by mail"
            )
        sites = (customer.sites or "").split()
        needs_sites = customer.role in (Role.STAFF, Role.OWNER)
        if needs_sites != bool(sites):
            faults["sites"] = Verbatim("are required for staff and owners, and for no others")
        unknown = [site for site in sites if not self._has_site(site)]
        if unknown:
            faults["sites"] = Verbatim(f"there is no site {unknown[0]}")
        if faults:
            raise errors.Invalid(faults)

    def _has_site(self, slug: str) -> bool:
        try:
            self.deps.catalogue.site(slug)
        except errors.SiteNotFound:
            return False
        return True

    def _payment(self, row: StagedRow) -> None:
        booking = row.values["booking"]
        if self.staging.find("bookings", booking) is None:
            raise errors.Invalid({"booking": Verbatim(f"there is no booking {booking}")})

    # -- bookings and entries --------------------------------------------------------------------

    def _bookings(self, rows: list[StagedRow]) -> None:
        accounts = self.people.accounts(row.values.get("customer") for row in rows)
        live: list[tuple[StagedRow, OldBooking]] = []

        def check(row: StagedRow) -> None:
            old = self.resolver.booking(row, accounts).as_of(self.deps.now())
            if old.is_live or old.number == UNNUMBERED:
                live.append((row, old))

        self._each(rows, check)
        for row, old in live:
            starts, ends = unixtime.of(old.occupied.start), unixtime.of(old.occupied.end)
            space = f"{old.zone.zone_id}.{old.number}"
            self.staging.take(row, space, starts, ends, old.number)
        self._against_the_store([each for each in live if each[1].number])

    def _against_the_store(self, live: Sequence[tuple[StagedRow, OldBooking]]) -> None:
        """Refuse rows whose time is taken by a booking that is here; by themselves it may be, where
        another run writes them now."""
        places = [
            (old.zone.zone_id, old.number, page)
            for _, old in live
            for page in old.zone.paging.pages(old.occupied)
        ]
        sheets = self.deps.sheets.of_places(places) if places else ()
        by_space: dict[tuple[str, str], list[occupancy.Sheet]] = {}
        for sheet in sheets:
            by_space.setdefault((sheet.zone_id, sheet.number), []).append(sheet)
        met: list[tuple[StagedRow, OldBooking, str, Interval]] = []
        for row, old in live:
            held = occupancy.held(by_space.get((old.zone.zone_id, old.number), []))
            for holder, taken in held.get(old.number, {}).items():
                if taken.overlaps(old.occupied):
                    met.append((row, old, holder, taken))
                    break
        written = imported.find(old.old for _, old, _, _ in met)
        for row, old, holder, taken in met:
            if written.get(old.old) != holder:
                when = _span(self.deps, old.zone, taken.start, taken.end)
                space = f"{old.zone.zone_id}.{old.number}"
                self.staging.refuse(row, "start", f"overlaps {holder} here, in {space} from {when}")

    def _entries(self, rows: list[StagedRow]) -> None:
        accounts = self.people.accounts(row.values.get("customer") for row in rows)
        self._each(rows, lambda row: self.resolver.entry(row, accounts))

    def _overlaps(self) -> None:
        """Refuse rows whose time another row takes. Both are named."""
        for first, second in self.staging.overlaps():
            if first.space.endswith("."):
                continue
            row = self.staging.row(second.seq)
            what = f"booking {second.old_id} overlaps booking {first.old_id} ({first.where}) in "
            self.staging.refuse(row, "start", what + first.space)

    def _numbers(self) -> None:
        """Give each booking without a space one that is free, for rows and bookings alike."""
        for chunk in self.staging.chunks("bookings"):
            without = [row for row in chunk if row.number == UNNUMBERED]
            accounts = self.people.accounts(row.values.get("customer") for row in without)
            for row in without:
                self._give_number(row, self.resolver.booking(row, accounts))

    def _give_number(self, row: StagedRow, old: OldBooking) -> None:
        old = old.as_of(self.deps.now())
        zone = old.zone
        numbers = self.places.numbers(zone)
        starts, ends = unixtime.of(old.occupied.start), unixtime.of(old.occupied.end)
        pages = zone.paging.pages(old.occupied)
        places = [(zone.zone_id, number, page) for number in numbers for page in pages]
        sheets = self.deps.sheets.of_places(places)
        free = occupancy.free(numbers, sheets, old.occupied, now=self.deps.now())
        for number in free if old.is_live else numbers:
            space = f"{zone.zone_id}.{number}" if old.is_live else None
            if space is None or not self.staging.is_taken(space, starts, ends):
                self.staging.take(row, space, starts, ends, number)
                return
        self.staging.refuse(row, "zone", f"no space of {zone.zone_id} is free for it")


def _refs(kind: str, values: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The other names by which rows of a kind are looked up."""
    match kind:
        case "customers":
            username = values.get("username")
            return login_name(values["email"]), login_name(username) if username else None
        case "payments":
            return values["booking"], None
    return None, None


def _is_unusable(password: str | None) -> bool:
    """Whether a hash cannot be brought over. Django's mark of no password is no fault."""
    if password is None or password.startswith(NO_PASSWORD):
        return False
    return old_passwords.stored(password) is None


def _span(deps: Deps, zone: Zone, start: datetime, end: datetime) -> str:
    tz = deps.catalogue.site(zone.site).tz
    return f"{localtime.text(start, tz)} to {localtime.text(end, tz)}"
