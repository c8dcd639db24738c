"""What nobody here knows is refused by its name, with the nearest name that is known."""

from collections.abc import Collection
from difflib import get_close_matches


def sentence(name: str, known: Collection[str]) -> str:
    """`name` as it is refused among those that are taken. Letters that no text can hold are spelt out."""
    shown = printable(name)
    if not known:
        return f"Nothing called “{shown}” is taken here, or anything else."
    return f"Nothing called “{shown}” is taken here. {_instead(name, known, 'What is')}"


def choice(value: str, known: Collection[str]) -> str:
    """`value` as it is refused among those of which one is to be chosen."""
    return f"“{printable(value)}” is none of the choices. {_instead(value, known, 'They are')}"


def printable(text: str) -> str:
    """A name as it can be answered, at most 80 characters of it."""
    text = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _instead(name: str, known: Collection[str], all_of_them: str) -> str:
    # A text that is much longer than any name is compared for long, and with nothing to show for it.
    small = {each.lower(): each for each in known}
    near = get_close_matches(name[:80].lower(), small, n=1, cutoff=0.6)
    return f"Do you mean “{small[near[0]]}”?" if near else f"{all_of_them}: {', '.join(sorted(known))}."
