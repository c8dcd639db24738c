"""What people said of an organism instead of a name, in words."""

from labeling.models import Pass
from labeling.models.passes import SKIPPED_FOR
from look.site import site

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
    return f"{_words(kind)}: {after}."


def buttons() -> dict[str, dict[str, str]]:
    """Of each answer that is no name, by the value of its button: `words`, and what is `said` once it was pressed."""
    found = {
        kind: {"words": _words(kind), "said": said(kind)} for kind in (Pass.Kind.BAD_PHOTO, Pass.Kind.SEVERAL)
    }
    found["skip"] = {"words": "Skip", "said": said(Pass.Kind.SKIP)}
    found["cannot"] = {"words": "Can’t tell", "said": said(Pass.Kind.CANNOT_TELL)}
    for each in REASONS:
        found[each.value] = {"words": str(each.label), "said": said(Pass.Kind.CANNOT_TELL, each.value)}
    return found


def _words(kind: str) -> str:
    return (
        f"More than one {site()['noun']['one']}" if kind == Pass.Kind.SEVERAL else str(Pass.Kind(kind).label)
    )
