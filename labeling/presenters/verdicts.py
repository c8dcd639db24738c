"""A verdict in words and as a scale: the context of `parts/verdict.html`."""

from uuid import UUID

from labeling.models import Verdict
from labeling.presenters import wording
from species.models import Occurrence, Taxon


def verdict(
    occurrence: Occurrence, found: Verdict | None, names: dict[UUID, Taxon], on_screen: int = 0
) -> dict:
    """Context of `parts/verdict.html`. `on_screen`: standing opinions given with a model's guess in sight."""
    explanation = found.explanation if found else {}
    people = explanation.get("people", 0)
    shown = wording.about(explanation)
    yes = shown.get("supporting", 0)
    no = shown.get("contradicting", 0) + shown.get("rejecting", 0)
    return {
        "status": occurrence.status,
        "sentence": wording.sentence(explanation, names, occurrence.settled_at),
        "votes_for": yes,
        "votes_against": no,
        "votes_neutral": max(0, people - yes - no),
        "score": shown["score"] if yes + no else None,
        "why": wording.why(explanation, on_screen),
    }
