"""How names are compared, in whatever spelling somebody types them. Pure Python.

Alike are: capitals and small letters, composed and decomposed, with and without accents (`ä` is `a`, and `ae`
too), `×` and a lone `x` between names, full and half width; and spaces, hyphens, underscores, apostrophes and
points, or none. Scripts that put more than accents into marks (が is not か) keep them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

CROSS = "x"
_CROSSES = str.maketrans(dict.fromkeys("×✕✖⨯⨉", f" {CROSS} "))
# Letters that do not come apart into a letter and an accent.
_PLAIN = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŧ": "t"}
)
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_ACCENTS = re.compile("[\u0300-\u036f]")  # on Latin, Greek and Cyrillic letters
# An apostrophe is inside a word, whichever of them it is; other signs stand between words.
_INSIDE = re.compile("['’‘ʼ`´′＇\u00ad\u200b-\u200d\u2060\ufeff]")
NEAREST = 3
SHORTEST = 3  # letters that both databases look up in texts, spaces among them
ALIKE = 0.6  # share of letter pairs that a name offered instead must have in common with what was typed


class Spelling(NamedTuple):
    """One name as it is compared: its words, and the letters of all of them."""

    words: tuple[str, ...]
    letters: str


def spellings(name: str) -> tuple[Spelling, ...]:
    """Every way in which this name may be typed, the plainest first; none where it holds no letter."""
    folded = [words for way in _ways(name) if (words := _words(way))]
    ways = [way for words in dict.fromkeys(folded) for way in _crossed(words)]
    return tuple(Spelling(words, "".join(words)) for words in dict.fromkeys(ways))


def key(name: str) -> str:
    """What two names have in common that are one; empty where the name holds no letter."""
    found = spellings(name)
    return found[0].letters if found else ""


def words(text: str) -> tuple[str, ...]:
    """The words of a text, as names are compared by."""
    return _words(_composed(text))


def document(text: str) -> str:
    """What `pieces` are looked for in: every word of a text, in each spelling, after spaces. A word that is written
    with a hyphen or a point inside stands there once more without. Empty where the text holds no letter.
    """
    words: dict[str, None] = {}
    for way in _ways(text):
        for chunk in way.split():
            parts = _words(chunk)
            words |= dict.fromkeys((*parts, "".join(parts)) if parts else ())
    return "".join(f"{' ' * (SHORTEST - 1)}{word}" for word in words)


def pieces(text: str) -> tuple[tuple[str, ...], ...]:
    """For each word of what is typed, the parts of a `document` of which one has to be there: the word in its
    spellings, anywhere in a word; with fewer letters than databases look up, at the beginning of one.
    """
    ways = [[word.rjust(SHORTEST) for word in _words(way)] for way in _ways(text)]
    return tuple(dict.fromkeys(tuple(dict.fromkeys(spelt)) for spelt in zip(*ways, strict=True)))


def same_accents(one: str, other: str) -> bool:
    """Whether two names that are alike are so to the accent: `Äsche` and `asche` are not."""
    ours, theirs = ("".join(sign for sign in _composed(name) if sign.isalnum()) for name in (one, other))
    return ours == theirs


def abbreviates(short: Sequence[str], words: Sequence[str]) -> bool:
    """Whether words are given by their initials: `s trutta` is Salmo trutta."""
    return (
        len(short) == len(words)
        and any(len(each) > 1 for each in short)
        and all(
            each == word or (len(each) == 1 and each != CROSS and word.startswith(each))
            for each, word in zip(short, words, strict=True)
        )
    )


def rank(typed: Sequence[Spelling], name: Sequence[Spelling]) -> int | None:
    """How well a name fits what was typed: 0 is it, then its initials, its beginning, the beginning of one of
    its words, the beginnings of several in any order, letters inside it; None where it does not.
    """
    best = None
    for wanted in typed:
        for each in name:
            found = _rank(wanted, each)
            if found is not None and (best is None or found < best):
                best = found
    return best


def likeness(one: str, other: str) -> float:
    """0 to 1: how much two `key`s have in common, letter pair by letter pair, wherever in them they stand."""
    ours, theirs = pairs(one), pairs(other)
    shared = len(ours & theirs)
    return 2 * shared / (len(ours) + len(theirs)) if shared else 0.0


def _rank(wanted: Spelling, name: Spelling) -> int | None:
    if wanted.letters == name.letters:
        return 0
    if abbreviates(wanted.words, name.words):
        return 1
    if name.letters.startswith(wanted.letters):
        return 2
    if any("".join(name.words[at:]).startswith(wanted.letters) for at in range(1, len(name.words))):
        return 3
    if len(wanted.words) > 1 and all(
        any(word.startswith(each) for word in name.words) for each in wanted.words
    ):
        return 4
    return 5 if wanted.letters in name.letters else None


def _composed(name: str) -> str:
    # First, because what NFKC makes of a free-standing accent is a space.
    bare = _INSIDE.sub("", name)
    return unicodedata.normalize("NFKC", bare).casefold().translate(_CROSSES)


def _ways(name: str) -> tuple[str, str]:
    """With `ä` as it is, and as `ae`."""
    text = _composed(name)
    return text, text.translate(_SPELT_OUT)


def _words(text: str) -> tuple[str, ...]:
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_PLAIN)))
    bare = unicodedata.normalize("NFC", bare)
    # A letter may be followed by a mark that is part of it, which is no letter by itself.
    kept = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in bare)
    return tuple(kept.split())


def _crossed(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A cross is the same whichever parent comes first, and may name a shared genus once."""
    if words.count(CROSS) != 1 or words[0] == CROSS or words[-1] == CROSS:
        return [words]
    at = words.index(CROSS)
    ways = []
    for first, second in ((words[:at], words[at + 1 :]), (words[at + 1 :], words[:at])):
        ways.append((*first, CROSS, *second))
        if len(first) > 1 and len(second) > 1 and first[0] == second[0]:
            ways.append((*first, CROSS, *second[1:]))
    return ways


def pairs(letters: str) -> frozenset[str]:
    """Letters beside each other, the ends of the name counted as such: what `likeness` compares."""
    padded = f" {letters} "
    return frozenset(padded[at : at + 2] for at in range(len(padded) - 1)) if letters else frozenset()
