"""One's own drafts and sightings."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import User
from labeling.models import Box, FieldMark, Flag, Identification, Ruling
from species.models import Consent, Observation, Occurrence, Photo


def drafts(person: User) -> QuerySet[Observation]:
    """Those with photos, oldest first, and all that their forms say."""
    return with_words(_with_photos(person), person)


def waiting(person: User) -> QuerySet[Observation]:
    """The same as a list names them: with their photos alone."""
    photos = Photo.objects.filter(discarded_at=None).order_by("position", "created", "id")
    rows = _with_photos(person).select_related("place").prefetch_related(Prefetch("photos", photos))
    return rows.order_by("created", "id")


def last_place(person: User) -> Observation | None:
    """The sighting that they placed last, drafts included: where the next one probably was."""
    own = Observation.objects.filter(observer=person, discarded_at=None, latitude__isnull=False)
    return own.order_by("-created", "-id").first()


def _with_photos(person: User) -> QuerySet[Observation]:
    photos = Photo.objects.filter(observation=OuterRef("pk"), discarded_at=None)
    return Observation.objects.drafts_of(person).filter(Exists(photos))


def with_words(rows: QuerySet[Observation], person: User) -> QuerySet[Observation]:
    """With their photos, the consents on them, and what their owner says already; oldest first."""
    photos = Photo.objects.filter(discarded_at=None).order_by("position", "created", "id")
    return (
        rows.select_related("place", "draft_words")
        .prefetch_related(
            Prefetch("photos", photos.prefetch_related(_standing_consents())),
            Prefetch(
                "occurrences",
                Occurrence.objects.order_by("created", "id").prefetch_related(
                    "measurements",
                    Prefetch(
                        "identifications",
                        Identification.objects.filter(person=person, withdrawn_at=None).select_related(
                            "taxon"
                        ),
                        to_attr="own_words",
                    ),
                ),
            ),
        )
        .order_by("created", "id")
    )


def uploads(person: User) -> QuerySet[Observation]:
    """One's published sightings, newest first, with photos, consents and verdicts."""
    photos = Photo.objects.order_by("position", "created", "id").prefetch_related(_standing_consents())
    occurrences = Occurrence.objects.order_by("created", "id").select_related("agreed_taxon", "verdict")
    return (
        Observation.objects.published()
        .filter(observer=person)
        .select_related("place")
        .annotate(answered=Exists(answered().filter(pk=OuterRef("pk"))))
        .prefetch_related(Prefetch("photos", photos), Prefetch("occurrences", occurrences))
        .order_by("-created", "-id")
    )


def answered() -> QuerySet[Observation]:
    """Sightings of which somebody other than the observer has said anything, taken back or not."""
    here, observer = OuterRef("pk"), OuterRef("observer")
    said = [
        Identification.objects.filter(occurrence__observation=here).exclude(person=observer),
        Box.objects.filter(occurrence__observation=here).exclude(person=observer),
        FieldMark.objects.filter(occurrence__observation=here).exclude(person=observer),
        # What the site noticed by itself is nobody's answer.
        Flag.objects.filter(photo__observation=here, by__isnull=False).exclude(by=observer),
        Ruling.objects.filter(occurrence__observation=here),
    ]
    return Observation.objects.filter(reduce(or_, (Q(Exists(each)) for each in said)))


def _standing_consents() -> "Prefetch[str]":
    return Prefetch("consents", Consent.objects.filter(superseded_at=None), to_attr="standing")
