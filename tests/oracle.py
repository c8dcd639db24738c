"""What each person may see, asked of states, consents and photos in whole: what the columns have to come to."""

from django.db.models import Exists, OuterRef, Q

from labeling.models import Box, Identification, Ruling
from species.models import Observation, Occurrence, OccurrencePhoto, Photo, Purpose, State


def photos_shown():
    return Photo.objects.filter(observation__state=State.PUBLISHED).allowed_for(Purpose.SHOW)


def photos(person):
    if person is None:
        return photos_shown()
    own = Q(owner=person, discarded_at=None, observation__discarded_at=None)
    if person.is_reviewer:
        return Photo.objects.filter(Q(observation__state=State.PUBLISHED) | own)
    return Photo.objects.filter(own | Exists(photos_shown().filter(pk=OuterRef("pk"))))


def observations(person):
    shown = Q(state=State.PUBLISHED) & Exists(photos_shown().filter(observation=OuterRef("pk")))
    if person is None:
        return Observation.objects.filter(shown)
    own = Q(observer=person, discarded_at=None)
    if person.is_reviewer:
        return Observation.objects.filter(Q(state=State.PUBLISHED) | own)
    return Observation.objects.filter(shown | own)


def gallery(person):
    links = OccurrencePhoto.objects.filter(occurrence=OuterRef("pk"), photo__in=photos(person))
    return Occurrence.objects.filter(Exists(links), observation__state=State.PUBLISHED)


def said(model, person):
    on_visible = Q(occurrence__observation__in=observations(person))
    if model is Ruling:
        return Ruling.objects.filter(Q(source__isnull=False) | on_visible)
    if model is Box:
        return Box.objects.filter(on_visible, photo__in=photos(person))
    return Identification.objects.filter(on_visible)
