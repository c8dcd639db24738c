"""What was said instead of a name: whom it keeps from being asked again, and when nobody is asked any more."""

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from labeling.models import Identification, Pass
from labeling.models.passes import OF_THE_PHOTO
from species.models import Occurrence, OccurrencePhoto

# As many as it takes to be sure that it is not one person's eyes or screen; one mistaken person hides nothing, two who
# agree by chance don't either, and a fourth one's time would be lost.
ENOUGH = 3


def unclear() -> QuerySet[Occurrence]:
    """Those that nobody names now, and of which ENOUGH different people who don't own them said so by what stands,
    having seen all their photos: a photo that came later may show it.
    """
    newer = OccurrencePhoto.objects.filter(
        occurrence=OuterRef("occurrence"), photo__created__gt=OuterRef("created")
    )
    said = (
        Pass.objects.because_of_the_photo()
        .filter(occurrence=OuterRef("pk"), withdrawn_at=None)
        .exclude(person=F("occurrence__observation__observer"))
        .filter(~Exists(newer))
    )
    people = said.order_by().values("occurrence").annotate(people=Count("person")).values("people")
    named = Identification.objects.filter(occurrence=OuterRef("pk"), withdrawn_at=None)
    return Occurrence.objects.alias(people=Coalesce(Subquery(people), 0)).filter(
        ~Exists(named), people__gte=ENOUGH
    )


def differing() -> QuerySet[Occurrence]:
    """Those whose column `unclear` says something else."""
    so = unclear().filter(pk=OuterRef("pk"))
    return Occurrence.objects.filter(observation__discarded_at=None).filter(
        Q(unclear=True) & ~Exists(so) | Q(unclear=False) & Exists(so)
    )


def kept_from(person: User, path: str = "pk") -> QuerySet[Pass]:
    """Of the organism at `path` of the row outside: what `person` said of it that holds. A new photo may show what
    they could not see; and that there is more than one is told apart once another one was added.
    """
    newer = OccurrencePhoto.objects.filter(
        occurrence=OuterRef("occurrence"), photo__created__gt=OuterRef("created")
    )
    added = Occurrence.objects.filter(
        observation=OuterRef("occurrence__observation"), created__gt=OuterRef("created")
    )
    said = Pass.objects.standing().filter(occurrence=OuterRef(path), person=person)
    of_the_photo = Q(kind=Pass.Kind.BAD_PHOTO) | Q(reason__in=OF_THE_PHOTO)
    return said.filter(~of_the_photo | ~Exists(newer), ~Q(kind=Pass.Kind.SEVERAL) | ~Exists(added))
