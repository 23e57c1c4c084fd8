"""Kotlin and Swift clients, generated from the document, have the types that an app needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients import generators

Classes = Mapping[str, Mapping[str, str]]
"""Types by field, by class."""


@dataclass(frozen=True)
class Language:
    """A target of openapi-generator: how it writes a field, a choice of words and an operation."""

    generator: str
    field: str
    choice: str
    call: str
    types: Mapping[str, str]
    room_number: Sequence[list[str]] = ()
    """The cases of the class of a room number, if it has one."""
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.generator


KOTLIN = Language(
    "kotlin",
    field=r"^    val (\w+): ([\w.<>?]+)",
    choice=r"^enum class (\w+)\(",
    call=r"fun (\w+)\((.*?)\) *: ([\w.]+) \{",
    types={
        "Text": "kotlin.String", "Flag": "kotlin.Boolean", "Instant": "java.time.OffsetDateTime",
        "List": "kotlin.collections.List", "RoomNumber": "kotlin.String",
    },
    options=("--schema-mappings", "RoomNumber=kotlin.String"),
)  # fmt: skip
SWIFT = Language(
    "swift6",
    field=r"^    public var `?_?(\w+)`?: ([\w<>?\[\]]+)",  # _ before a word of the language
    choice=r"^public enum (\w+): String",
    call=r"open class func (\w+)\((.*?)\) async throws\([\w ]+\) -> (\w+) \{",
    types={"Text": "String", "Flag": "Bool", "Instant": "Date"},
    room_number=[["typeInt(Int)", "typeString(String)"]],
)

BOOKING = {
    "bookingId": "Text", "status": "BookingStatus", "startTime": "Instant", "endTime": "Instant",
    "actualStartTime": "Instant?", "actualEndTime": "Instant?", "overstaySince": "Instant?",
    "userId": "Text?", "vehicleNumber": "Text?", "paymentStatus": "PaymentStatus",
    "amountDue": "MoneyView", "cost": "MoneyView?", "payment": "PaymentView?",
    "cancellation": "CancellationView?", "confirmed": "Flag", "kind": "ZoneKind",
}  # fmt: skip

FIELDS = {
    "CreateBooking": {
        "zoneId": "Text?", "spaceId": "Text?", "start": "Text?", "vehicleNumber": "Text?",
        "repeat": "Repeat?", "paymentMethod": "PaymentMethod?", "autoRenew": "Flag?",
    },
    "MadeView": {**BOOKING, "bookings": "[BookingView]", "skipped": "[MissedDateView]"},
    "BookingView": BOOKING,
    "BookingPage": {"items": "[BookingView]", "nextCursor": "Text?"},
    "EntryScan": {"qrCode": "Text", "vehicleNumber": "Text?"},
    "ExitScan": {"qrCode": "Text", "paymentMethod": "PaymentMethod?", "amountReceived": "Text?"},
    "ExitView": {"total": "MoneyView", "exitTime": "Instant", "entryTime": "Instant?"},
    "CancelReason": {"reason": "Text?", "scope": "GroupScope?"},
    "CancellingView": {**BOOKING, "refundAmount": "MoneyView"},
    "JoinWaitlist": {"zoneId": "Text?", "spaceId": "Text?", "start": "Text?", "reason": "Text?"},
    "WaitlistEntryView": {"status": "EntryStatus", "bookingId": "Text?", "expiresAt": "Instant?"},
    "LeftRoomView": {"roomNumber": "RoomNumber", "roomStatus": "RoomCondition?"},
    "BulkOutView": {"roomsCleared": "[RoomNumber]"},
    "BookingFacts": {"roomNumber": "RoomNumber", "bookingId": "Text", "status": "BookingStatus"},
    "ErrorDetail": {"code": "ErrorCode", "message": "Text", "taken": "TimeSpan?"},
}  # fmt: skip
"""Of the central calls; `?` where the contract says that a field may be absent or null."""

ANSWERS = {
    "createBooking": "MadeView", "staffEntry": "StayView", "staffExit": "ExitView",
    "cancelBooking": "CancellingView", "joinWaitlist": "WaitlistEntryView",
    "listBookings": "BookingPage",
}  # fmt: skip

CHOICES = {
    "BookingStatus", "EntryStatus", "ErrorCode", "GroupScope", "PaymentMethod", "PaymentStatus",
    "ZoneKind",
}  # fmt: skip


ONE_WORD = {"Action", "Event", "ModelType", "Type"}
"""Of frames and events: each kind of them has one word there, so this is no choice."""


@pytest.fixture(scope="module", params=[KOTLIN, SWIFT], ids=str)
def language(request: pytest.FixtureRequest) -> Language:
    chosen: Language = request.param
    return chosen


@pytest.fixture(scope="module")
def files(
    language: Language, document: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[Path, str]:
    """The generated files: their text by path."""
    folder = tmp_path_factory.mktemp(language.generator)
    generators.run(
        "openapi-generator-cli", "generate", "-g", language.generator, "-i", document, "-o", folder,
        "--global-property", "models,apis,modelDocs=false,apiDocs=false,modelTests=false,apiTests=false",
        *language.options, within=folder,
    )  # fmt: skip
    return {
        file: file.read_text() for file in folder.rglob("*") if file.suffix in (".kt", ".swift")
    }


@pytest.fixture(scope="module")
def classes(language: Language, files: dict[Path, str]) -> dict[str, dict[str, str]]:
    found = {}
    for file, text in files.items():
        if file.parent.name.lower() == "models" and (
            name := re.search(r"^(?:(?:data )?class|public struct) (\w+)\b", text, re.MULTILINE)
        ):
            found[name[1]] = dict(re.findall(language.field, text, re.MULTILINE))
    return found


def in_(language: Language, wanted: str) -> str:
    """A type as the language writes it."""
    bare = wanted.rstrip("?")
    if bare.startswith("["):
        inner = in_(language, bare[1:-1])
        bare = f"{language.types['List']}<{inner}>" if "List" in language.types else f"[{inner}]"
    return language.types.get(bare, bare) + wanted[len(wanted.rstrip("?")) :]


@pytest.mark.parametrize("name", FIELDS)
def test_a_class_has_the_types_of_the_contract(
    language: Language, classes: Classes, name: str
) -> None:
    wanted = {field: in_(language, kind) for field, kind in FIELDS[name].items()}
    assert {field: classes[name].get(field) for field in wanted} == wanted


def test_a_call_answers_one_class(language: Language, files: dict[Path, str]) -> None:
    calls = {
        call[0]: call[2] for text in files.values() for call in re.findall(language.call, text)
    }
    assert {name: calls.get(name) for name in ANSWERS} == ANSWERS


def test_a_choice_of_words_is_one_class(language: Language, files: dict[Path, str]) -> None:
    found = [
        name for text in files.values() for name in re.findall(language.choice, text, re.MULTILINE)
    ]
    assert set(found) >= CHOICES
    assert len(found) == len(set(found))
    within = re.compile(r"^ +(?:public )?enum (?:class )?(\w+)", re.MULTILINE)
    inner = {name for text in files.values() for name in within.findall(text)}
    assert inner - {"CodingKeys"} <= ONE_WORD


def test_no_class_is_empty_merged_or_without_a_name(classes: Classes) -> None:
    assert [name for name, fields in classes.items() if not fields] == []
    odd = r"(AnyOf|OneOf|AllOf|Inner|Response|[0-9])"
    assert [name for name in classes if re.search(odd, name)] == []


def test_a_room_number_is_a_number_or_text(language: Language, files: dict[Path, str]) -> None:
    texts = [text for file, text in files.items() if file.stem == "RoomNumber"]
    cases = [re.findall(r"^    case (\w+\(\w+\))", text, re.MULTILINE) for text in texts]
    assert cases == list(language.room_number)
