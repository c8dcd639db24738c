"""Where a model goes wrong: the held-out photos it was surest about and wrong."""

import json
from collections.abc import Mapping

from django.core.files.storage import default_storage

from ml.models import TrainingRun
from species.models import Photo, Taxon
from species.presenters.plates import plate

SHOWN = 4


def top_losses(run: TrainingRun, person, taxa: Mapping[str, Taxon]) -> dict:
    """`total` and the surest `photos` a person may see, each with what it said and what people say.

    `taxa`: what the classes are called today, by class.
    """
    if not run.predictions or not default_storage.exists(run.predictions):
        return {"total": 0, "photos": []}
    wrong = []
    with default_storage.open(run.predictions) as file:
        for line in file:
            said = json.loads(line)
            if said["answer"] != said["label"]:
                wrong.append((max(said["probs"]), said["id"], said["answer"], said["label"]))
    wrong.sort(reverse=True)
    nearest = wrong[: SHOWN * 5]
    photos = {
        str(photo.pk): photo
        for photo in Photo.objects.visible_to(person).filter(pk__in=[each[1] for each in nearest])
    }
    shown = [
        {
            "photo": plate(photos[id_], size=320),
            "sha256": photos[id_].sha256,
            "observation": photos[id_].observation_id,
            "said": taxa.get(answer, answer),
            "probability": probability,
            "people": taxa.get(label, label),
        }
        for probability, id_, answer, label in nearest
        if id_ in photos
    ]
    return {"total": len(wrong), "photos": shown[:SHOWN]}
