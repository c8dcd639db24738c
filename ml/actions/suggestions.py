"""What the live model says of photos in the library, written down as suggestions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db import transaction

from labeling.actions.suggestions import suggest
from ml.serving.roll_up import Answer, answer
from ml.serving.server import Live
from species.images.decoder import get_decoder
from species.models import Photo, Taxon
from species.queries.taxa import tree


@dataclass(frozen=True)
class Opinion:
    live: Live
    photo: Photo
    answer: Answer


def photos(ids: Sequence) -> Iterable[Photo]:
    return Photo.objects.filter(pk__in=ids).order_by("created", "id")


def read(ranked: Sequence[tuple[str, float]], *, live: Live) -> Answer:
    """An answer in terms of this site's tree. `Answer.taxon` is the id as text, or None."""
    labels = dict(Taxon.objects.filter(label__in=[label for label, _ in ranked]).values_list("label", "id"))
    taxa = {label: str(id_) for label, id_ in labels.items()}
    return answer(ranked, threshold=live.threshold, tree=tree(), taxa=taxa)


def ask(*, live: Live, photo: Photo) -> Opinion:
    """Decodes and infers; no transaction may be open. Raises ImageRefused, DecoderFailed, OSError."""
    with default_storage.open(photo.original_name) as file:
        data = file.read()
    pixels = get_decoder().upright(data, live.session.upright, fit=live.session.fit)
    return Opinion(live, photo, read(live.session.predict(pixels), live=live))


@transaction.atomic
def write(opinions: Sequence[Opinion]) -> None:
    taxa = Taxon.objects.in_bulk([opinion.answer.taxon for opinion in opinions if opinion.answer.taxon])
    by_text = {str(id_): taxon for id_, taxon in taxa.items()}
    for opinion in opinions:
        suggest(
            photo=opinion.photo,
            source=opinion.live.name,
            dataset_hash=opinion.live.dataset_hash,
            answers=[
                {"label": label, "probability": float(probability)}
                for label, probability in opinion.answer.ranked
            ],
            taxon=by_text.get(opinion.answer.taxon),
            uncertainty=min(1.0, max(0.0, 1.0 - float(opinion.answer.probability))),
        )
