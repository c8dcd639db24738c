"""What people said of an organism instead of a name, in words."""

from collections.abc import Mapping

from labeling.models import Pass
from labeling.models.passes import SKIPPED_FOR
from labeling.presenters import wording
from look.site import site

# Of one person, of several or of who reads it.
SENTENCES = (
    (Pass.Kind.CANNOT_TELL, "can’t tell what it is.", "can’t tell what it is."),
    (
        Pass.Kind.BAD_PHOTO,
        "says that nobody could name it from these photos.",
        "say that nobody could name it from these photos.",
    ),
    (
        Pass.Kind.SEVERAL,
        "says that there is more than one {one} here.",
        "say that there is more than one {one} here.",
    ),
)
REASONS = (Pass.Reason.BLURRED, Pass.Reason.TURNED, Pass.Reason.PART, Pass.Reason.BEYOND)


def said(kind: str, reason: str = "", *, undone: bool = False) -> str:
    """What came of it, for whoever just pressed it."""
    if kind == Pass.Kind.SKIP:
        return "Here it is again." if undone else f"Skipped for {SKIPPED_FOR.days} days."
    after = "taken back" if undone else "noted"
    if kind == Pass.Kind.CANNOT_TELL and not reason:
        return f"{'Can’t tell' if undone else 'You can’t tell'}: {after}."
    if kind == Pass.Kind.CANNOT_TELL:
        return f"Can’t tell, {Pass.Reason(reason).label.lower()}: {after}."
    return f"{words(kind)}: {after}."


def buttons() -> dict[str, dict[str, str]]:
    """Of each answer that is no name, by the value of its button: `words`, and what is `said` once it was pressed."""
    found = {
        kind: {"words": words(kind), "said": said(kind)} for kind in (Pass.Kind.BAD_PHOTO, Pass.Kind.SEVERAL)
    }
    found["skip"] = {"words": "Skip", "said": said(Pass.Kind.SKIP)}
    found["cannot"] = {"words": "Can’t tell", "said": said(Pass.Kind.CANNOT_TELL)}
    for each in REASONS:
        found[each.value] = {"words": str(each.label), "said": said(Pass.Kind.CANNOT_TELL, each.value)}
    return found


def told(people: Mapping[str, int], own: str, *, unclear: bool) -> list[str]:
    """How many say so of each kind, no votes, so it stands beside what people say; `own`: the kind of who reads it.
    `unclear`: it is asked about no more.
    """
    found = []
    for kind, one, many in SENTENCES:
        count, mine = people.get(kind, 0), own == kind
        if not count:
            continue
        others = count - mine
        if not mine:
            who = wording.counted(others, "person", "people")
        elif not others:
            who = "You"
        else:
            who = f"You and {wording.counted(others, 'other person', 'other people').lower()}"
        says = one if who.startswith("One ") else many
        found.append(f"{who} {says.format(one=site()['noun']['one'])}")
    if unclear:
        found.append("Nobody is asked about it any more, until somebody names it or another photo comes.")
    return found


def words(kind: str) -> str:
    """The kind as its button says it."""
    return (
        f"More than one {site()['noun']['one']}" if kind == Pass.Kind.SEVERAL else str(Pass.Kind(kind).label)
    )
