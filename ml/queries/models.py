"""Models."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from ml.models import Model, Promotion
from species.models import Consent, Taxon
from species.queries import taxa as taxon_queries
from species.queries.taxon_changes import Touched

LOOKED_AT = 200  # models, the newest, whose classes a preview compares
NAMED = 5  # that it names


def models() -> QuerySet[Model]:
    return Model.objects.select_related("run__dataset").prefetch_related("promotions").order_by("-version")


def that_went_live(datasets: Iterable[UUID]) -> dict[UUID, list[Model]]:
    """Dataset's id to the models that learned from it and were live at some time, the newest first. One query."""
    live = Promotion.objects.filter(model=OuterRef("pk"))
    rows = Model.objects.filter(Exists(live), run__dataset__in=list(datasets)).select_related("run")
    found: dict[UUID, list[Model]] = {}
    for model in rows.order_by("-version"):
        found.setdefault(model.run.dataset_id, []).append(model)
    return found


def could_learn_from(photos: Iterable[UUID], model: Model, said: Iterable[Consent]) -> bool:
    """Whether training was allowed on any of these photos when the model's run began; `said`: what was granted."""
    began = model.run.created
    return any(
        each.photo_id in photos
        and each.created <= began
        and (each.superseded_at is None or each.superseded_at > began)
        for each in said
    )


def taxa(classes: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """The taxon's id of each class: as it is known, else whose label the class is. One query, or none."""
    found = {label: known[label] for label in classes if label in known}
    unknown = [label for label in classes if label not in found]
    rows = Taxon.objects.filter(label__in=unknown).values_list("label", "id") if unknown else ()
    return found | {label: str(id) for label, id in rows}


def named(model: Model, others: Iterable[str] = ()) -> dict[str, Taxon]:
    """What the classes of a model, and other labels, are called today; those that stand for nothing are left out."""
    ids = taxa([*model.classes, *others], model.taxa)
    rows = Taxon.objects.select_related("synonym_of").in_bulk(ids.values())
    by_id = {str(id): taxon_queries.accepted(taxon) for id, taxon in rows.items()}
    return {label: by_id[id] for label, id in ids.items() if id in by_id}


def touched(taxa: Collection[UUID], **sent: object) -> list[Touched]:
    """Receives `species.queries.taxon_changes.asked`: models with a class that is one of these taxa.

    None is trained anew: a class is a taxon, and is named as that is called. Two that become one are one guess.
    """
    ids = {str(taxon) for taxon in taxa}
    rows = list(Model.objects.defer("card").order_by("-version")[: LOOKED_AT + 1])
    found = [each for each in rows[:LOOKED_AT] if ids.intersection(each.taxa.values())]
    pages = tuple((each.name, reverse("model", args=[each.pk])) for each in found[:NAMED])
    return [Touched("models with this class", len(found), len(rows) > LOOKED_AT, pages)]
