"""What a model said of one photo, as the home page shows it and as it is held until somebody keeps the photo."""

from django.apps import apps

from labeling.models import Suggestion
from labeling.presenters import suggestions as suggestions_presenters
from species.models import Taxon
from species.presenters.plates import plate
from species.queries.taxa import tree

if apps.is_installed("ml"):
    from ml.actions import suggestions
    from ml.models import Model
    from ml.presenters import suggestions as fresh_suggestions
    from ml.serving.roll_up import Answer
    from ml.serving.server import Prediction


def answer(prediction: "Prediction") -> dict:
    """Context of `home/answer.html`, and under `said` what `home.actions.keep` writes down."""
    model = Model.objects.select_related("run__dataset").get(pk=prediction.live.model_id)
    read = suggestions.read(prediction.look, live=prediction.live)
    pencil = fresh_suggestions.pencil(read, model=model)
    sure = pencil["state"] == "guesses" and read.named[0]
    return {
        "pencil": pencil,
        "says": in_words(pencil),
        "first": Taxon.objects.filter(pk=read.named[0]).first() if sure else None,
        "said": held(read, prediction),
    }


def held(read: "Answer", prediction: "Prediction") -> dict:
    return {
        "source": prediction.live.name,
        "dataset_hash": prediction.live.dataset_hash,
        "answers": list(read.classes),
        "taxon": read.taxon,
        "uncertainty": read.uncertainty,
        "tree_version": read.tree_version,
    }


def again(said: dict | None) -> dict | None:
    """The pencil of what was said of a photo that is held."""
    if said is None:
        return None
    taxon = Taxon.objects.filter(pk=said["taxon"]).first() if said["taxon"] else None
    return suggestions_presenters.pencil(Suggestion(**{**said, "taxon": taxon}), tree=tree())


def in_words(pencil: dict) -> str:
    """One sentence, for those who hear the page."""
    if pencil["state"] == "none":
        return "The model’s guess: none of these."
    first = pencil["guesses"][0]
    if pencil["state"] == "unsure":
        return f"The model is unsure. {pencil['says']}"
    return f"The model’s guess: {first['name']}, {first['probability']:.3f}."


def sample(sample: dict, live: "Model | None") -> dict:
    """What the page opens with: the first sample and what the live model has already said of it."""
    if live is None or sample["photo"] is None:
        return {}
    about_it = Suggestion.objects.filter(photo=sample["photo"], source=live.name, region=None)
    said = about_it.select_related("taxon__synonym_of").first()
    if said is None:
        return {}
    return {
        "sample_plate": plate(sample["photo"], size=1008, alt=sample["name"]),
        "sample_pencil": suggestions_presenters.pencil(said),
        "on_screen": [(sample["photo"].sha256, said.source)],
    }
