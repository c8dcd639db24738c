"""A model's fresh answer as pages show it: the context of `templates/parts/pencil.html`."""

from labeling.models import Suggestion
from labeling.presenters import suggestions
from ml.models import Model
from ml.presenters import metrics
from ml.serving.roll_up import Answer
from species.models import Taxon
from species.queries.taxa import tree


def pencil(answer: Answer, *, model: Model) -> dict:
    """As a stored suggestion is shown, and how far to trust it."""
    said = Suggestion(
        source=model.name,
        dataset_hash=model.run.dataset.content_hash,
        answers=answer.classes,
        taxon=Taxon.objects.filter(pk=answer.taxon).first() if answer.taxon else None,
        uncertainty=answer.uncertainty,
    )
    context = suggestions.pencil(said, tree=tree()) | {
        "source": f"{model.name} · trained on {model.run.dataset}"
    }
    says = context.get("says") or trust(answer, metrics.figure(model))
    return context | {"says": " ".join(filter(None, [says, drawings(model)]))}


def drawings(model: Model) -> str:
    """A sentence for a model that learned from drawings; empty where it saw photographs alone."""
    learned = model.card.get("trained_on", {})
    drawn = learned.get("drawings", 0)
    if not drawn:
        return ""
    if drawn == learned["photos"]:
        return "It knows only drawings: every picture it learned from was drawn, so of a photo it can only guess."
    return f"{drawn} of the {learned['photos']} pictures it learned from were drawings."


def trust(answer: Answer, figure: metrics.Figure) -> str:
    if not figure.is_honest:
        return figure.sentence
    return f"{figure.sentence} When it is this sure, it is right about {round(answer.probability * 100)} times in 100."
