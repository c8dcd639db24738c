"""The keys of the labeling room and of the review page: what each does, and with which letter it comes. Pure.

The pages' buttons, their lists of keys, their scripts and the settings all read `KEYS` (through `of`).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """`key`: as `KeyboardEvent.key` has it, in lower case. `also`: presses the same where `key` is not changed.

    `words`: what it does; {one} stands for the site's noun. `fixed`: nobody can change it.
    """

    action: str
    key: str
    words: str
    also: tuple[str, ...] = ()
    fixed: bool = False

    @property
    def pressed(self) -> str:
        """All that press it, with spaces between, for `data-key`."""
        return " ".join((self.key, *self.also)).strip()

    @property
    def shown(self) -> str:
        return SHOWN.get(self.key, self.key.upper())

    @property
    def aria(self) -> str:
        """As `aria-keyshortcuts` wants it: a plus sign joins keys there."""
        return {"+": "Plus", "backspace": "Backspace", "enter": "Enter"}.get(self.key, self.key.upper())


SHOWN = {"backspace": "⌫", "enter": "Enter", "1": "1–9"}
DIGITS = tuple("123456789")
Groups = dict[str, tuple[Key, ...]]

GROUPS: Groups = {
    "Names": (
        Key("likely", "1", "That likely name, and on", also=DIGITS[1:], fixed=True),
        Key("same", ".", "The same name as last time, and on"),
        Key("name", "/", "Another name: Enter chooses, Enter saves"),
        Key("save", "enter", "Save, and on", fixed=True),
    ),
    "Other answers": (
        Key("cannot", "x", "Can’t tell"),
        Key("blurred", "d", "Can’t tell: blurred or dark"),
        Key("turned", "w", "Can’t tell: turned away"),
        Key("part", "o", "Can’t tell: only part of it"),
        Key("beyond", "i", "Can’t tell: beyond me"),
        Key("not_subject", "n", "Not a {one}"),
        Key("bad_photo", "b", "Bad photo: nobody could name it"),
        Key("several", "m", "More than one {one}"),
        Key("skip", "s", "Skip"),
        Key("undo", "backspace", "Undo", fixed=True),
    ),
    "Boxes": (
        Key("box", "r", "Box"),
        Key("edges", "e", "Box by its four edges"),
        Key("all_boxed", "a", "Every {one} has a box"),
        Key("previous", "[", "Box before"),
        Key("next", "]", "Next box"),
    ),
    "Looking closely": (
        Key("in", "+", "Larger", also=("=",)),
        Key("out", "-", "Smaller"),
        Key("whole", "0", "The whole photo"),
        Key("fit", "z", "Fit to the box"),
        Key("turn", "v", "Turn"),
        Key("light", "l", "Brighter"),
        Key("bare", "h", "While it is held: nothing over the photo"),
        Key("apart", "k", "Tell apart: it and what it is taken for"),
        Key("point", "p", "Point at what tells it"),
    ),
    "And": (
        Key("comment", "c", "Say more: a note"),
        Key("help", "?", "This list"),
    ),
}
REVIEW: Groups = {
    "Ruling": (
        Key("review_leading", "r", "Rule: the name that leads"),
        Key("review_other", "o", "Rule: another name"),
        Key("review_unsettled", "u", "Rule: it can’t be settled"),
        Key("review_because", "1", "For that reason, and on", also=DIGITS[1:], fixed=True),
        Key("review_reason", "w", "For a reason in your own words"),
        Key("review_rule", "enter", "Rule, and on", fixed=True),
    ),
    "Other decisions": (
        Key("review_agree", "a", "Agree, as one voice"),
        Key("review_right", "l", "The label is right"),
        Key("review_resolve", "f", "What was flagged is dealt with"),
        Key("review_undo", "backspace", "Undo", fixed=True),
    ),
    "Getting about": (
        Key("review_skip", "s", "Skip", also=("]",)),
        Key("review_previous", "[", "The one before"),
        Key("review_help", "?", "This list"),
    ),
}
# Who does not review has nothing to change of the second.
PAGES: dict[str, Groups] = {"room": GROUPS, "review": REVIEW}
KEYS = tuple(key for keys in GROUPS.values() for key in keys)
REVIEW_KEYS = tuple(key for keys in REVIEW.values() for key in keys)
PAGE_OF = {key.action: page for page, groups in PAGES.items() for keys in groups.values() for key in keys}
CHANGEABLE = {key.action: key for key in (*KEYS, *REVIEW_KEYS) if not key.fixed}
# Firefox begins its search for links with it.
BROWSERS_OWN = {"'"}


class Refused(ValueError):
    """`said`: action to the sentence that says why its key will not do."""

    def __init__(self, said: Mapping[str, str]) -> None:
        super().__init__(" ".join(said.values()))
        self.said = dict(said)


def of(changed: Mapping[str, str]) -> dict[str, Key]:
    """Every action to its key, for somebody who has `changed` some: action to key.

    A key that came later gives way to what somebody chose before: its action is without one until they choose.
    """
    chosen = {action: key for action, key in changed.items() if action in CHANGEABLE}
    found = {}
    for key in (*KEYS, *REVIEW_KEYS):
        page = PAGE_OF[key.action]
        taken = {each for action, each in chosen.items() if PAGE_OF[action] == page}
        if key.action in chosen:
            found[key.action] = Key(key.action, chosen[key.action], key.words)
        elif key.fixed:
            found[key.action] = key
        else:
            free = [each for each in (key.key, *key.also) if each not in taken]
            found[key.action] = Key(key.action, free[0] if free else "", key.words, tuple(free[1:]))
    return found


def groups(changed: Mapping[str, str], page: str = "room") -> dict[str, list[Key]]:
    """The same of one page, in the order of its list."""
    found = of(changed)
    return {name: [found[key.action] for key in keys] for name, keys in PAGES[page].items()}


def changes(said: Mapping[str, str], one: str) -> dict[str, str]:
    """What of these keys (action to key, all or some of them) is to be kept: those that are not as they came.

    `one`: the site's noun, for sentences. Raises Refused where two actions have one key, or a key will not do.
    """
    wanted = {action: key.key for action, key in CHANGEABLE.items()}
    wanted |= {action: key.strip().lower() or " " * len(key) for action, key in said.items()}
    wrong = {action: f"There is no {action} to press." for action in wanted if action not in CHANGEABLE}
    wrong |= {
        action: why
        for action, key in wanted.items()
        if action in CHANGEABLE and key != CHANGEABLE[action].key and (why := _refusal(key))
    }
    pressing: dict[tuple[str, str], list[str]] = {}
    for action, key in wanted.items():
        if action not in wrong:
            pressing.setdefault((PAGE_OF[action], key), []).append(action)
    for (_, key), actions in pressing.items():
        for action in actions if len(actions) > 1 else ():
            others = " and ".join(
                f"“{CHANGEABLE[each].words.format(one=one)}”" for each in actions if each != action
            )
            wrong[action] = f"{key.upper()} is the key of {others}, too. Choose another for one of them."
    if wrong:
        raise Refused({action: wrong[action] for action in wanted if action in wrong})
    return {action: key for action, key in wanted.items() if key != CHANGEABLE[action].key}


def _refusal(key: str) -> str:
    if not key:
        return "Choose a key."
    if key.isspace():
        return "The space bar belongs to the browser. Choose a letter or a sign."
    if len(key) > 1 or not key.isprintable():
        return "Choose one letter or sign: longer ones, like Enter or Tab, belong to the browser."
    if key in DIGITS:
        return "1 to 9 choose a likely name, or a reason. Choose another key."
    if key in BROWSERS_OWN:
        return f"{key} belongs to the browser. Choose another key."
    return ""
