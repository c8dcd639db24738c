"""A model's answer as pages show it: the context of `templates/parts/pencil.html`."""

from collections.abc import Sequence

from ml.answers import Answer
from ml.models import Model
from species.models import Taxon

GUESSES = 3


def opinion(answer: Answer, *, model: Model) -> dict:
    """The model's opinion in words first: a name, a coarser name, or none of these."""
    taxa = {
        taxon.label: taxon
        for taxon in Taxon.objects.filter(label__in=[label for label, _ in answer.ranked[:GUESSES]])
    }
    guesses = [guess(label, probability, taxa) for label, probability in answer.ranked[:GUESSES]]
    rolled_up = Taxon.objects.filter(pk=answer.taxon).first() if answer.rolled_up and answer.taxon else None
    state = "guesses" if not answer.rolled_up else "unsure" if rolled_up else "none"
    return {
        "state": state,
        "guesses": guesses,
        "says": says(answer, guesses, rolled_up, model),
        "source": f"{model.name} · trained on {model.run.dataset}",
    }


def guess(label: str, probability: float, taxa: dict[str, Taxon]) -> dict:
    taxon = taxa.get(label)
    return {
        "label": label,
        "name": (taxon.common_name if taxon else "") or label.replace("_", " ").capitalize(),
        "scientific": taxon.scientific_name if taxon else "",
        "probability": float(probability),
    }


def says(answer: Answer, guesses: Sequence[dict], rolled_up: Taxon | None, model: Model) -> str:
    if rolled_up:
        name = (rolled_up.common_name or rolled_up.scientific_name).lower()
        first, second = guesses[0], guesses[1] if len(guesses) > 1 else None
        close = f"{first['name']} {first['probability']:.2f}"
        if second:
            close += f", {second['name'].lower()} {second['probability']:.2f}"
        return f"One of the {name}, species unsure. {close}: too close to call."
    if answer.rolled_up:
        return "Nothing it knows looks enough like this."
    if not (model.card.get("metrics") or {}).get("photo"):
        return "How often it is right has not been measured yet."
    return f"It is right about {round(answer.probability * 100)} times in 100 when it is this sure."
