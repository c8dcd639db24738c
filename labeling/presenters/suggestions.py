"""A model's suggestion as pages show it: the context of `parts/pencil.html`."""

from labeling.models import Suggestion
from labeling.presenters import wording
from labeling.queries.suggestions import Guess, guesses, taxa_of
from species.models import Taxon, titled
from species.queries.taxa import accepted
from species.taxonomy.tree import Tree

GUESSES = 3
STRANGE = "This does not look like anything it was taught."


def pencil(suggestion: Suggestion, taxa: dict[str, Taxon] | None = None, tree: Tree | None = None) -> dict:
    """Context of `parts/pencil.html` for what a model once said; it is told from the row alone.

    `taxa`: those of `suggestions.taxa_of`, for lists; a query where they are not given. With the `tree`, the first
    guess of an answer that was rolled up is the group, with the probability of everything in it.
    """
    answers = guesses(suggestion, taxa_of([suggestion]) if taxa is None else taxa)
    shown = [_guess(each) for each in answers[:GUESSES]]
    first = answers[0].taxon
    rolled_up = accepted(suggestion.taxon) if suggestion.taxon else None
    context = {
        "state": "guesses",
        "guesses": shown,
        "source": suggestion.source
        + (f" · trained on dataset {suggestion.dataset_hash[:8]}" if suggestion.dataset_hash else ""),
        "id": str(suggestion.pk),
    }
    if suggestion.is_strange:
        # Of what it was never taught it is as sure as of anything else, so no name and no number is shown.
        return context | {"state": "none", "guesses": [], "says": STRANGE}
    if rolled_up is None:
        return context | {"state": "none", "says": "Nothing it knows looks enough like this."}
    if first is None or rolled_up.pk != first.pk:
        close = ", ".join(f"{each['said']} {each['probability']:.2f}" for each in shown[:2])
        group = _group(rolled_up, answers, tree) if tree else []
        return context | {
            "state": "unsure",
            "guesses": [*group, *shown][:GUESSES],
            "says": titled(f"{close}: too close to call."),
        }
    return context


def _group(group: Taxon, answers: list[Guess], tree: Tree) -> list[dict]:
    inside = sum(
        each.probability
        for each in answers
        if each.taxon and tree.is_ancestor_or_self(str(group.pk), str(each.taxon.pk))
    )
    scientific = group.scientific_name if group.common_name else ""
    return [
        {
            "name": wording.title(group),
            "said": group.said,
            "scientific": scientific,
            "probability": min(1.0, inside),
        }
    ]


def _guess(each: Guess) -> dict:
    taxon = each.taxon
    said = taxon.said if taxon else each.label.replace("_", " ")
    return {
        "label": each.label,
        "name": titled(said),
        "said": said,
        "scientific": taxon.scientific_name if taxon and taxon.common_name else "",
        "probability": each.probability,
    }
