"""What became of photos: the datasets that hold them, and the models of these."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from ml.models import Model
from ml.queries.models import could_learn_from
from research.models import Dataset, DatasetPhoto
from species.models import Consent

# What a side is for.
SIDES = {"train": "to learn from", "validation": "to choose by", "test": "to measure on"}


def datasets(
    held: Iterable[DatasetPhoto], models: Mapping[UUID, list[Model]], said: Iterable[Consent]
) -> list[dict]:
    """Rows of `ml/sighting_uses.html`, in the order of `held`. `models`: by dataset; `said`: consents to training."""
    found: dict[UUID, list[DatasetPhoto]] = {}
    for each in held:
        found.setdefault(each.dataset_id, []).append(each)
    return [
        {
            "dataset": rows[0].dataset,
            "taken_back": rows[0].dataset.state == Dataset.State.RETIRED,
            "photos": len(rows),
            "sides": [words for side, words in SIDES.items() if any(each.side == side for each in rows)],
            "models": [
                {"model": each, "did": _did(each, rows, said)} for each in models.get(rows[0].dataset_id, [])
            ],
        }
        for rows in found.values()
    ]


def _did(model: Model, rows: list[DatasetPhoto], said: Iterable[Consent]) -> str:
    to_learn = {each.photo_id for each in rows if each.side == "train"}
    if could_learn_from(to_learn, model, said):
        return "learned from it"
    aside = any(each.side != "train" for each in rows)
    return "was tried on it, and never learned from it" if aside else "did not learn from it"
