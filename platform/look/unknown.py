"""What nobody here knows is refused by its name, with the nearest name that is known."""

from collections.abc import Collection
from difflib import get_close_matches


def sentence(name: str, known: Collection[str]) -> str:
    """`name` as it is refused among those that are taken. Letters that no text can hold are spelt out."""
    shown = printable(name)
    if not known:
        return f"Nothing called “{shown}” is taken here, or anything else."
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"Nothing called “{shown}” is taken here. Do you mean “{near[0]}”?"
    return f"Nothing called “{shown}” is taken here. What is: {', '.join(sorted(known))}."


def printable(text: str) -> str:
    """A name as it can be answered, at most 80 characters of it."""
    text = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
    return text if len(text) <= 80 else f"{text[:79]}…"
