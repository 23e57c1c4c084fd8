"""Text in the letters that the core fonts of PDF have: those of Western Europe (WinAnsi). Letters
of Indian scripts are written as they sound, from the names that Unicode gives them; signs that
remain become question marks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

ENCODING: Final = "cp1252"

_SCRIPTS: Final = (
    "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA",
    "MALAYALAM",
)  # fmt: skip

_SIGNS: Final = {
    "VIRAMA": "", "NUKTA": "", "ANUSVARA": "n", "CANDRABINDU": "n", "VISARGA": "h",
    "BINDI": "n", "TIPPI": "n", "ADDAK": "", "DANDA": ".", "DOUBLE DANDA": ".",
}  # fmt: skip

_PLAIN: Final = str.maketrans({"₹": "INR ", "\u202f": " ", "\u2060": "", "−": "-", "‑": "-"})


def written(text: str) -> str:
    """`text` in letters that can be printed.

    >>> written("आशा राव"), written("Ürümqi – Łódź"), written("ரவி")
    ('Asha Rav', 'Ürümqi – Lódz', 'Ravi')
    >>> written("Парковка")
    '????????'
    """
    words = unicodedata.normalize("NFC", text).translate(_PLAIN).split(" ")
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    if _fits(word):
        return word
    spoken = "".join(_letters(word))
    is_indian = any(_script(mark) for mark in word)
    return spoken[:1].upper() + spoken[1:] if is_indian else spoken


def _letters(word: str) -> Iterator[str]:
    for at, mark in enumerate(word):
        if _fits(mark):
            yield mark
        elif _script(mark):
            following = word[at + 1 :]
            yield from _indian(mark, following)
        else:
            yield _base(mark)


def _indian(mark: str, following: str) -> Iterator[str]:
    """The sound of a mark of an Indian script: a consonant has the vowel `a`, unless a sign or the
    end of the word takes it away."""
    _, kind, *sounds = unicodedata.name(mark).split(" ")
    sound = sounds[-1] if sounds else ""
    if kind == "DIGIT":
        yield str(unicodedata.digit(mark))
    elif kind == "SIGN" or not sound.isalpha():
        yield _SIGNS.get(sound, "")
    elif kind == "VOWEL" or set(sound) <= set("AEIOU"):
        yield _vowel(sound)
    else:
        ending = "a" if following and _keeps_vowel(following) else ""
        yield _consonant(sound.removesuffix("A")) + ending


def _keeps_vowel(following: str) -> bool:
    """Whether a consonant keeps its vowel before the rest of a word."""
    names = (unicodedata.name(mark, "") for mark in following)
    name = next((each for each in names if not each.endswith(" NUKTA")), "")
    return " VOWEL " not in name and not name.endswith(" VIRAMA")


def _vowel(sound: str) -> str:
    """A vowel without its length.

    >>> _vowel("AA"), _vowel("II"), _vowel("AI"), _vowel("R")
    ('a', 'i', 'ai', 'ri')
    """
    shown = sound.lower()
    if shown in ("r", "rr"):
        return "ri"
    return shown[0] if len(set(shown)) == 1 else shown


def _consonant(sound: str) -> str:
    """A consonant as English writes it.

    >>> _consonant("SS"), _consonant("TTH"), _consonant("LLL"), _consonant("K")
    ('sh', 'th', 'zh', 'k')
    """
    special = {"SS": "sh", "LLL": "zh", "C": "ch", "CH": "chh"}
    if sound in special:
        return special[sound]
    shown = sound.lower()
    while len(shown) > 1 and shown[0] == shown[1]:
        shown = shown[1:]
    return shown


def _script(mark: str) -> str:
    """The Indian script of a mark; empty for others."""
    script = unicodedata.name(mark, "").partition(" ")[0]
    return script if script in _SCRIPTS else ""


def _base(mark: str) -> str:
    """A Latin letter without its accents; otherwise a question mark."""
    plain = unicodedata.normalize("NFD", mark)[0]
    if _fits(plain):
        return plain
    name = unicodedata.name(mark, "")
    if name.startswith("LATIN ") and " WITH STROKE" in name:
        letter = name.split(" ")[3]
        return letter if "CAPITAL" in name else letter.lower()
    return "?"


def _fits(text: str) -> bool:
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True
