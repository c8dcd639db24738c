"""A model's fresh answer as pages show it: the context of `templates/parts/pencil.html`."""

from labeling import panels
from labeling.models import Suggestion
from ml.answers import Answer
from ml.models import Model
from species.models import Taxon
from species.queries.taxa import tree


def opinion(answer: Answer, *, model: Model) -> dict:
    """As a stored suggestion is shown, and how far to trust it."""
    said = Suggestion(
        source=model.name,
        dataset_hash=model.run.dataset.content_hash,
        answers=[{"label": label, "probability": float(each)} for label, each in answer.ranked],
        taxon=Taxon.objects.filter(pk=answer.taxon).first() if answer.taxon else None,
    )
    context = panels.opinion(said, tree=tree()) | {"source": f"{model.name} · trained on {model.run.dataset}"}
    return {"says": trust(answer, model)} | context


def trust(answer: Answer, model: Model) -> str:
    if not (model.card.get("metrics") or {}).get("photo"):
        return "How often it is right has not been measured yet."
    return f"It is right about {round(answer.probability * 100)} times in 100 when it is this sure."
