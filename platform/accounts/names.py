"""What a person may be called, and when two names look alike. Pure.

The form is that of RFC 8266 (nicknames): NFKC, single spaces. What cannot be seen goes; what is left must show a
letter or a digit. Two people may bear one name, but nobody else takes the name of those who look after the site.
"""

import unicodedata
from collections.abc import Sequence
from itertools import groupby

LONGEST = 80
EMPTY = "Tell us what to call you."
INVISIBLE = "A name needs a letter or a digit that can be seen."
TOO_LONG = f"A name has at most {LONGEST} characters."
HEAPED = "Too many marks on one letter."
MIXED = "This name mixes letters of two alphabets in one word. Write each word in one."
MARKS_ON_A_LETTER = 4
# Letters, marks and symbols that draw nothing; control and format characters are told by their category.
BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0\U0001d159\U00016fe4"
) | {chr(code) for span in ((0xFE00, 0xFE10), (0xE0100, 0xE01F0)) for code in range(*span)}
NON_JOINER, JOINER = "\u200c", "\u200d"
VIRAMA = 9
# Alphabets that share shapes: a word in two of them is a word in disguise.
ALIKE_ALPHABETS = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"}
SHAPES = str.maketrans(
    "аьсԁеһіїјкӏмнопрԛѕтуѵԝхүαβγεηικνορτυχωօսոհցզյıɑɡɩʀøłđħ01i|",
    "abcdehiijklmhonpqstyvwxyabyenlkvoptuxwounhgqjiagıroldholll",
)


def clean(text: str) -> str:
    """The name as it is kept and shown. Raises ValueError, with a sentence, for one that will not do."""
    if len(text) > 10 * LONGEST:
        raise ValueError(TOO_LONG)
    if not text.strip():
        raise ValueError(EMPTY)
    name = tidy(text)
    if not any(unicodedata.category(letter)[0] in "LN" for letter in name):
        raise ValueError(INVISIBLE)
    if len(name) > LONGEST:
        raise ValueError(TOO_LONG)
    if any(len(run) > MARKS_ON_A_LETTER for run in _runs(unicodedata.normalize("NFD", name), ("Mn", "Me"))):
        raise ValueError(HEAPED)
    if any(len(_alphabets(word)) > 1 for word in _runs(name, "LMN")):
        raise ValueError(MIXED)
    return name


def tidy(text: str) -> str:
    """Without what cannot be seen; may be empty."""
    folded = unicodedata.normalize("NFKC", text)
    seen = [_shown(folded, place) for place in range(len(folded))]
    return " ".join(unicodedata.normalize("NFKC", "".join(seen)).split())


def skeleton(name: str) -> str:
    """The same for names that a hurried eye takes for one another."""
    bare = unicodedata.normalize("NFKD", tidy(name)).casefold()
    letters = "".join(letter for letter in bare if unicodedata.category(letter)[0] in "LN" or letter == "|")
    shapes = letters.translate(SHAPES).translate(SHAPES)
    return shapes.replace("rn", "m").replace("vv", "w")


def _shown(text: str, place: int) -> str:
    letter = text[place]
    if letter in (NON_JOINER, JOINER):
        return letter if _is_spelling(text, place) else ""
    if letter.isspace():
        return " "
    return "" if letter in BLANK or unicodedata.category(letter)[0] == "C" else letter


def _is_spelling(text: str, place: int) -> bool:
    """A joiner where the scripts of India and Persia spell with it (RFC 5892, A.1 and A.2)."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if not before or not after:
        return False
    if unicodedata.combining(before) == VIRAMA:
        return True
    arabic = {unicodedata.bidirectional(before), unicodedata.bidirectional(after)} == {"AL"}
    return text[place] == NON_JOINER and arabic


def _runs(text: str, kinds: Sequence[str]) -> list[str]:
    """What stands together of characters whose category is, or begins with, one of `kinds`."""
    runs = groupby(text, key=lambda letter: unicodedata.category(letter).startswith(tuple(kinds)))
    return ["".join(run) for wanted, run in runs if wanted]


def _alphabets(word: str) -> set[str]:
    return {unicodedata.name(letter, "").split(" ")[0] for letter in word} & ALIKE_ALPHABETS
