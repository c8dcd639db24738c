"""What the live model says of photos in the library, written down as suggestions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction

from labeling.actions import queue
from labeling.actions.suggestions import suggest
from labeling.models import Suggestion
from labeling.queries.verdicts import of_another_tree
from ml.models import Model
from ml.queries import models
from ml.serving.roll_up import Answer, answer
from ml.serving.server import Live
from ml.vision.session import Look
from species.images.decoder import get_decoder
from species.models import Photo, Taxon
from species.queries.taxa import tree
from species.taxonomy.tree import Tree

BATCH = 100  # suggestions read anew between two looks at whether to stop


@dataclass(frozen=True)
class Answered:
    live: Live
    photo: Photo
    answer: Answer


def photos(ids: Sequence[UUID]) -> Iterable[Photo]:
    return Photo.objects.filter(pk__in=ids).order_by("created", "id")


def read(look: Look, *, live: Live) -> Answer:
    """An answer in terms of this site's tree, by the names of today. `Answer.taxon` is the id as text, or None."""
    classes = [label for label, _ in look.ranked]
    return _read(look, threshold=live.threshold, tree=tree(), taxa=models.taxa(classes, live.taxa))


def _read(look: Look, *, threshold: float, tree: Tree, taxa: Mapping[str, str]) -> Answer:
    known = {label: id for label, id in taxa.items() if id in tree}
    said = answer(look.ranked, threshold=threshold, tree=tree, taxa=known, strange=look.strange)
    labels = dict(Taxon.objects.filter(pk__in=filter(None, said.named)).values_list("id", "label"))
    today = [
        (labels.get(UUID(str(id)), label) if id else label, probability)
        for id, (label, probability) in zip(said.named, said.ranked, strict=True)
    ]
    return replace(said, ranked=today)


def ask(*, live: Live, photo: Photo) -> Answered:
    """Decodes and infers; no transaction may be open. Raises ImageRefused, DecoderFailed, OSError."""
    with default_storage.open(photo.original_name) as file:
        data = file.read()
    pixels = get_decoder().upright(data, live.session.upright, fit=live.session.fit)
    return Answered(live, photo, read(live.session.look(pixels), live=live))


@transaction.atomic
def write(answers: Sequence[Answered]) -> None:
    # All at once: each by itself would be held in the order of the photos.
    queue.hold(answered.photo for answered in answers)
    taxa = Taxon.objects.in_bulk([answered.answer.taxon for answered in answers if answered.answer.taxon])
    by_text: dict[object, Taxon] = {str(id_): taxon for id_, taxon in taxa.items()}
    for answered in answers:
        suggest(
            photo=answered.photo,
            source=answered.live.name,
            dataset_hash=answered.live.dataset_hash,
            answers=answered.answer.classes,
            taxon=by_text.get(answered.answer.taxon),
            uncertainty=answered.answer.uncertainty,
            tree_version=answered.answer.tree_version,
        )


def follow_tree(*, progress: Callable[[int, int], object] | None = None) -> int:
    """Read anew what models said of photos, where that was read on another tree; how many there were.

    Nobody is asked again: what a model gave its classes stands in the row. Safe to repeat, and to stop by an
    exception of `progress`.
    """
    by_name = {model.name: model for model in Model.objects.all()}
    whole = tree()
    waiting = of_another_tree(Suggestion.objects.all(), whole).order_by("pk")
    done, total = 0, waiting.count()
    # From the last one on: looked for from the beginning, each hundred would walk past all that are done.
    last: UUID | None = None
    while not whole.broken and done < total:
        with transaction.atomic():
            found = waiting if last is None else waiting.filter(pk__gt=last)
            photos = dict(found.values_list("pk", "photo")[:BATCH])
            if not photos:
                break
            last = max(photos)
            queue.hold(photos.values())
            rows = list(waiting.select_for_update().filter(pk__in=photos))
            for row in rows:
                _read_again(row, by_name.get(row.source), whole)
            Suggestion.objects.bulk_update(rows, ["answers", "taxon", "uncertainty", "tree_version"])
            queue.suggested(row.photo_id for row in rows)
        done += len(rows)
        if progress:
            progress(done, total)
    return done


def _read_again(row: Suggestion, model: Model | None, whole: Tree) -> None:
    row.tree_version = whole.version
    if model is None:
        # Whoever said it, only they know when they are sure.
        row.taxon_id = row.taxon_id and UUID(str(whole.accepted(str(row.taxon_id))))
        return
    classes = [each["label"] for each in row.answers]
    told = {each["label"]: each["taxon"] for each in row.answers if each.get("taxon")}
    ranked = [(each["label"], each["probability"]) for each in row.answers]
    known = {label: id for label, id in models.taxa(classes, model.taxa | told).items() if id in whole}
    # That a photo is too far away for a name does not change with the tree.
    said = answer(
        ranked, threshold=float(model.card["threshold"]), tree=whole, taxa=known, strange=row.is_strange
    )
    row.answers = [dict(each) for each in said.classes]
    row.taxon_id = UUID(str(said.taxon)) if said.taxon else None
    row.uncertainty = said.uncertainty
