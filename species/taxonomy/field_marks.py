"""What tells a taxon: a field mark in words, and the view in which it shows. Pure Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

LONGEST = 80  # characters of a mark, and of a view
MOST = 12  # of one taxon
FORM = 'field_marks is a list of {mark: "red slash under the jaw", view: "the jaw from below"}; view may be missing'


class Mark(NamedTuple):
    """`of`: the taxon that has it, `owner` of the file or a table; `view`: where it shows, empty: anywhere."""

    of: str
    mark: str
    view: str


def fault(given: Any) -> str:
    """What is wrong with a taxon's marks as a file or a form says them; empty: nothing."""
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        return f"{FORM}."
    seen = set()
    for each in given:
        if each.keys() - {"mark", "view"} or not all(isinstance(text, str) for text in each.values()):
            return f"{FORM}."
        words = each.get("mark", "").strip()
        if not words:
            return "A field mark says something."
        if max(len(words), len(each.get("view", "").strip())) > LONGEST:
            return f"A field mark and its view have at most {LONGEST} letters each."
        if any(not letter.isprintable() for text in each.values() for letter in text):
            return "A field mark is one line of text."
        if words in seen:
            return f"The field mark “{words}” is there twice."
        seen.add(words)
    return f"A taxon has at most {MOST} field marks." if len(given) > MOST else ""


def tidied(given: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """As they are kept: `mark` and `view` of each, without spaces around."""
    return [{"mark": each["mark"].strip(), "view": each.get("view", "").strip()} for each in given]


def inherited(lineage: Iterable[str], marks: Mapping[str, Any]) -> list[Mark]:
    """Those of a taxon and of all above it, its own first; what is said nearer stands for the same words above.

    `lineage`: the taxon, then what is above it; `marks`: what each of these says, where it says anything. What somebody
    wrote into the table that is none is left out.
    """
    found: dict[str, Mark] = {}
    for taxon in lineage:
        said = marks.get(taxon)
        for each in tidied(said) if said and not fault(said) else ():
            found.setdefault(each["mark"], Mark(taxon, each["mark"], each["view"]))
    return list(found.values())


def differing_first(columns: Iterable[Iterable[Mark]]) -> list[list[Mark]]:
    """The marks of several taxa, each in the same order: what is said of a view that others have otherwise, then what
    only one has, then what all have alike.
    """
    each_has = [list(column) for column in columns]
    views: dict[str, list[frozenset[str]]] = {}
    for view in {mark.view for column in each_has for mark in column}:
        views[view] = [frozenset(one.mark for one in column if one.view == view) for column in each_has]
    order = {view: number for number, view in enumerate(dict.fromkeys(m.view for c in each_has for m in c))}

    def rank(mark: Mark) -> tuple[int, int]:
        said = [words for words in views[mark.view] if words]
        if all(mark.mark in words for words in views[mark.view]):
            return 2, order[mark.view]
        return (0 if mark.view and len(said) > 1 else 1), order[mark.view]

    return [sorted(column, key=rank) for column in each_has]


def to_look_at(said: Iterable[Iterable[Mark]], pointed: Iterable[str]) -> list[str]:
    """The views that would tell names apart and of which nobody pointed at anything, the best first.

    `said`: the marks of each name that was given; `pointed`: the words that people pointed at. A mark that all of them
    have tells nothing, and a view in which two of them show something tells more than one.
    """
    columns = [list(each) for each in said]
    words = [{mark.mark for mark in column} for column in columns]
    shared = set.intersection(*words) if len(words) > 1 else set()
    pointed = set(pointed)
    names: dict[str, set[int]] = {}
    seen = {mark.view for column in columns for mark in column if mark.mark in pointed}
    for number, column in enumerate(columns):
        for mark in column:
            if mark.view and mark.mark not in shared and mark.view not in seen:
                names.setdefault(mark.view, set()).add(number)
    return sorted(names, key=lambda view: -len(names[view]))
