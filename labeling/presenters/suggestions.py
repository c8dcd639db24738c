"""A model's suggestion as pages show it: the context of `parts/pencil.html`."""

from collections.abc import Iterable

from labeling.models import Suggestion
from labeling.presenters import wording
from species.models import Taxon, titled
from species.taxonomy.tree import Tree

GUESSES = 3


def opinion(suggestion: Suggestion, taxa: dict[str, Taxon] | None = None, tree: Tree | None = None) -> dict:
    """Context of `parts/pencil.html` for what a model once said; it is told from the row alone.

    `taxa`: label to taxon, for lists; one query where it is not given. With the `tree`, the first guess of an
    answer that was rolled up is the group, with the probability of everything in it.
    """
    answers = suggestion.answers[:GUESSES]
    if taxa is None:
        taxa = labelled([suggestion])
    guesses = [_guess(each["label"], each["probability"], taxa) for each in answers]
    first = taxa.get(answers[0]["label"])
    rolled_up = suggestion.taxon
    context = {
        "state": "guesses",
        "guesses": guesses,
        "source": suggestion.source
        + (f" · trained on dataset {suggestion.dataset_hash[:8]}" if suggestion.dataset_hash else ""),
        "id": str(suggestion.pk),
    }
    if rolled_up is None:
        return context | {"state": "none", "says": "Nothing it knows looks enough like this."}
    if first is None or rolled_up.pk != first.pk:
        close = ", ".join(f"{each['said']} {each['probability']:.2f}" for each in guesses[:2])
        group = _group(rolled_up, suggestion, taxa, tree) if tree else []
        return context | {
            "state": "unsure",
            "guesses": [*group, *guesses][:GUESSES],
            "says": titled(f"{close}: too close to call."),
        }
    return context


def labelled(suggestions: Iterable[Suggestion]) -> dict[str, Taxon]:
    """Label to taxon of everything these suggestions speak of. One query."""
    labels = {answer["label"] for each in suggestions for answer in each.answers}
    return {each.label: each for each in Taxon.objects.filter(label__in=labels)} if labels else {}


def _group(group: Taxon, suggestion: Suggestion, taxa: dict[str, Taxon], tree: Tree) -> list[dict]:
    inside = sum(
        answer["probability"]
        for answer in suggestion.answers
        if answer["label"] in taxa and tree.is_ancestor_or_self(str(group.pk), str(taxa[answer["label"]].pk))
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


def _guess(label: str, probability: float, taxa: dict[str, Taxon]) -> dict:
    found = taxa.get(label)
    said = found.said if found else label.replace("_", " ")
    return {
        "label": label,
        "name": titled(said),
        "said": said,
        "scientific": found.scientific_name if found and found.common_name else "",
        "probability": probability,
    }
