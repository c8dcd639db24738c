"""Photos that leave a published sighting: removed, or split off into a sighting of their own; and their return."""

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.dispatch import Signal
from django.utils import timezone

from accounts.models import User
from species import access
from species.access import NotYours
from species.actions import edits, listing, observations, visibility
from species.models import (
    Edit,
    Measurement,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    State,
)
from species.places import geoprivacy
from species.queries import edits as edits_queries

# Sent with `photo` and `organisms`, old to new id: what was drawn of one on this photo is of the other from now on.
parted = Signal()


@transaction.atomic
def remove(*, photo: Photo, by: User) -> Edit | None:
    """Take a photo out of a published sighting that has others, with what is said of it alone.

    For `observations.GRACE` it can be had back (`undo`); then it goes for good, unless a published dataset holds it.
    An organism that is on this photo alone goes along. Raises PermissionDenied, ValidationError.
    """
    locked = hold(Observation(pk=photo.observation_id), by)
    _not_the_last(locked, photo, "Delete the sighting instead.")
    aside = Observation(
        observer=locked.observer, batch=locked.batch, state=State.WITHDRAWN, published_at=locked.published_at
    )
    aside.discarded_at = timezone.now()
    aside.save(force_insert=True)
    with edits.act(locked, by) as told:
        told.before.setdefault("seen_on", {})[str(photo.pk)] = _part(photo, locked, aside)
        settle(locked)
    visibility.settle(aside)
    return told.row


@transaction.atomic
def split(*, photo: Photo, by: User) -> Observation:
    """Make a published sighting of its own of one photo of several.

    It says when and where as the old one does, and no place is shown finer for it. An organism that is seen on this
    photo alone moves with all that was said of it; of one that is on others, too, the words stay, and what was drawn
    on this photo is about a new organism, which nobody has named. Raises PermissionDenied, ValidationError.
    """
    locked = hold(Observation(pk=photo.observation_id), by)
    _not_the_last(locked, photo, "It is a sighting of its own already.")
    new = observations.beside(locked, privacy=edits_queries.level(locked))
    with edits.act(locked, by) as told:
        stayed = _part(photo, locked, new)
        told.before |= {"seen_on": {str(photo.pk): stayed}, "split_off": None}
        told.after |= {"split_off": str(new.pk), "counterparts": _counterparts(photo, new, stayed)}
        settle(locked)
    Edit.objects.create(
        observation=new, by=by, before={"split_from": None}, after={"split_from": str(locked.pk)}
    )
    observations.generalize_held(new)
    listing.list_last(new)
    visibility.settle(new)
    return new


def _counterparts(photo: Photo, new: Observation, stayed: list[str]) -> dict[str, str]:
    """Old to new: an organism for each that the photo showed and that stayed behind; one in any case, of ""."""
    alone = [""] if not stayed and not new.occurrences.exists() else []
    made = {old: Occurrence.objects.create(observation=new) for old in stayed or alone}
    OccurrencePhoto.objects.bulk_create(
        OccurrencePhoto(occurrence=each, photo=photo) for each in made.values()
    )
    parted.send(sender=Photo, photo=photo, organisms={UUID(old): made[old].pk for old in stayed})
    return {old: str(each.pk) for old, each in made.items()}


def _not_the_last(locked: Observation, photo: Photo, sentence: str) -> None:
    here = set(locked.photos.values_list("pk", flat=True))
    if photo.pk not in here:
        raise NotYours("No such photo.")
    if len(here) == 1:
        raise ValidationError(f"A sighting needs a photo, and this is its last one. {sentence}")


def _part(photo: Photo, locked: Observation, to: Observation) -> list[str]:
    """Move a photo, and the organisms that are on it alone; ids of those that it showed and that stay.

    Where one goes that protects the place, the place stays as rough as it was: the two were seen together.
    """
    on_it = set(OccurrencePhoto.objects.filter(photo=photo).values_list("occurrence", flat=True))
    elsewhere = OccurrencePhoto.objects.filter(occurrence__in=on_it).exclude(photo=photo)
    stay = on_it & set(elsewhere.values_list("occurrence", flat=True))
    going = Occurrence.objects.filter(pk__in=on_it - stay)
    floors = list(going.values_list("place_floor", flat=True))
    going.update(observation=to)
    OccurrencePhoto.objects.filter(photo=photo, occurrence__in=stay).delete()
    photo.observation, photo.position = to, 0
    photo.save(update_fields=["observation", "position"])
    locked.privacy = geoprivacy.strictest(locked.privacy, *floors)
    Observation.objects.filter(pk=locked.pk).update(privacy=locked.privacy)
    if not locked.occurrences.exists():
        alone = Occurrence.objects.create(observation=locked, listed_at=locked.listed_at)
        OccurrencePhoto.objects.bulk_create(
            OccurrencePhoto(occurrence=alone, photo=each) for each in locked.photos.all()
        )
    return sorted(map(str, stay))


def settle(locked: Observation) -> None:
    observations.generalize_held(locked)
    listing.touch(locked)
    visibility.settle(locked)


def take_in(locked: Observation, edit: Edit, pk: str) -> None:
    """A photo comes back, from where it waits to be deleted or from the sighting that it was split off to."""
    home = Observation.objects.select_for_update(of=("self",)).filter(photos=UUID(pk)).first()
    photo = Photo.objects.filter(pk=pk, observation=home).first() if home else None
    if photo is None or home is None or home.state == State.KEPT:
        raise ValidationError("That was too late: it is gone for good.")
    split_off = edit.after.get("split_off")
    if home.state != State.WITHDRAWN and str(home.pk) != split_off or home.photos.exclude(pk=pk).exists():
        raise ValidationError("It belongs to another sighting by now.")
    pairs = edit.after.get("counterparts", {})
    parted.send(
        sender=Photo, photo=photo, organisms={UUID(new): UUID(old) for old, new in pairs.items() if old}
    )
    made = Occurrence.objects.filter(pk__in=pairs.values(), observation=home)
    if Measurement.objects.filter(occurrence__in=made).exists():
        raise ValidationError(ANSWERED)
    # What went along with it comes back with it.
    home.occurrences.exclude(pk__in=pairs.values()).update(observation=locked)
    photo.observation = locked
    photo.save(update_fields=["observation"])
    OccurrencePhoto.objects.filter(photo=photo, occurrence__in=made).delete()
    links = edit.before.get("seen_on", {}).get(pk, [])
    OccurrencePhoto.objects.bulk_create(OccurrencePhoto(occurrence_id=each, photo=photo) for each in links)
    visibility.settle(home)
    try:
        with transaction.atomic():
            made.delete()
            home.delete()
    except ProtectedError as error:
        raise ValidationError(ANSWERED) from error


ANSWERED = "Somebody has said what the new sighting shows, so it stays."


def hold(observation: Observation, by: User) -> Observation:
    """A published sighting that `by` may change, held. Raises PermissionDenied, ValidationError, NotYours."""
    locked = observations.lock(observation)
    if not access.can_edit(by, locked):
        raise PermissionDenied("Only its owner changes a sighting.")
    if locked.state != State.PUBLISHED:
        raise ValidationError("This is about published sightings; a draft is filled in.")
    return locked
