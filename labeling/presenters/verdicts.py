"""A verdict in words and as a scale: the context of `parts/verdict.html`."""

import logging
from collections.abc import Collection
from uuid import UUID

from labeling.consensus import Explanation, Unreadable
from labeling.models import Identification, Verdict
from labeling.presenters import wording
from species.models import Occurrence, Status, Taxon

log = logging.getLogger(__name__)


def explained(verdict: Verdict | None) -> Explanation | None:
    """How it came about; None where that cannot be read, which spoils no page: `fsck` says what to do."""
    if verdict is None:
        return Explanation()
    try:
        return verdict.explained()
    except Unreadable as error:
        log.warning("The verdict on %s: %s", verdict.pk, error)
        return None


def leading(explanation: Explanation | None, names: dict[UUID, Taxon]) -> Taxon | None:
    """The name that is nearest to being verified, where there is one."""
    return names.get(UUID(explanation.leading)) if explanation and explanation.leading else None


def verdict(
    occurrence: Occurrence,
    found: Verdict | None,
    names: dict[UUID, Taxon],
    standing: Collection[Identification] = (),
    asked: str | None = None,
) -> dict:
    """Context of `parts/verdict.html`; `standing`: the identifications that it follows from; `asked`: the reviewer who
    was asked to look at it."""
    explanation = explained(found)
    shown = explanation.shown if explanation else None
    yes, no = (shown.supporting, shown.against) if shown else (0, 0)
    people = explanation.people if explanation else 0
    waits = explanation and occurrence.status == Status.NEEDS_ID and shown
    missing = (explanation.needed or 0) if explanation and waits else 0
    lacks, who_could = wording.missing(explanation, names) if explanation else ("", "")
    score = shown.score if shown and yes + no else None
    looks = asked if occurrence.status in (Status.NEEDS_ID, Status.DISPUTED) else None
    return {
        "status": occurrence.status,
        "sentence": wording.sentence(explanation, names, occurrence.settled_at),
        "votes_for": yes,
        "votes_against": no,
        "votes_neutral": max(0, people - yes - no),
        "votes_missing": missing,
        "score": score,
        # One who is alone agrees wholly with nobody: the scale fills as those come who are still missing.
        "filled": None if score is None else score * (yes + no) / (yes + no + missing),
        "missing": lacks,
        "who_could": who_could,
        "why": [
            *(wording.why(explanation, standing) if explanation else []),
            *([f"{looks} was asked to look at it."] if looks else []),
        ],
    }
