"""Asking that one's account be deleted, calling that back, and what is done with sightings and photos then."""

from datetime import timedelta
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import departures
from accounts.models import Departure, Role, User
from home import takeouts
from home.queries import leaving as queries
from jobs import actions as jobs
from labeling.actions import drafts, sanctions
from labeling.models import SignUp
from notices.actions import notify
from notices.models import Notification
from species import uploads
from species.access import NotYours
from species.actions import listing, observations, published, trips, visibility
from species.models import Observation, State
from webhooks.models import Endpoint


@transaction.atomic
def ask(*, user: User, by: User, photos: str, words: str, erase_published: bool = False) -> Departure:
    """As `departures.ask`; photos that are to go are hidden at once, by a job. Admins are asked to `erase_published`
    photos, too: what others have cited only they take back.
    """
    departure = departures.ask(user=user, by=by, photos=photos, words=words)
    takeouts.forget_of(user)
    uploads.forget_of(user)
    _follow(user)
    if erase_published and photos == Departure.Photos.ERASE:
        _ask_admins(user)
    return departure


@transaction.atomic
def call_back(*, user: User) -> User:
    """As `departures.call_back`; photos are shown again, by a job."""
    departures.call_back(user=user)
    _follow(user)
    return user


def _follow(user: User) -> None:
    jobs.enqueue(
        kind="follow_departure",
        arguments={"person": str(user.pk)},
        title="Hide or show photos of an account that leaves or comes back",
        key=f"follow_departure:{user.pk}",
        again=True,
    )


def _ask_admins(user: User) -> None:
    for admin in User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=user.pk):
        notify(
            user=admin,
            kind="departure",
            text="Somebody who leaves asks that their photos be erased from published datasets.",
            url=reverse("person_uses", args=[user.pk]) if apps.is_installed("ml") else "",
            about=f"departure:{user.pk}",
        )


@transaction.atomic
def follow(pk: UUID) -> None:
    """Show a sighting, or hide it, as its observer's leaving or being here asks. Safe to repeat."""
    try:
        locked = observations.lock(Observation(pk=pk))
    except NotYours:
        return
    if locked.state != State.PUBLISHED:
        return
    if not locked.shown and not queries.takes_photos(locked.observer_id):
        listing.list_last(locked)
    visibility.settle(locked)


@transaction.atomic
def erase(pk: UUID) -> None:
    """Delete a sighting with its photos, drafts too, at once. What published datasets hold of it stays, unseen.

    Raises ValidationError where something that is being made names it: later, then.
    """
    locked = Observation.objects.select_for_update().filter(pk=pk).exclude(state=State.KEPT).first()
    if locked is None:
        return
    if locked.state == State.PUBLISHED:
        published.take_away(locked)
    elif locked.discarded_at is None:
        Observation.objects.filter(pk=pk).update(discarded_at=timezone.now())
    drafts.clear_one(locked, before=timezone.now() + timedelta(seconds=1))


@transaction.atomic
def finish(departure: Departure) -> None:
    """As `departures.finish`, and what other floors did for this person alone."""
    Endpoint.objects.filter(user=departure.user_id).delete()
    Notification.objects.filter(user=departure.user_id).delete()
    trips.forget(departure.user_id, erase=queries.takes_photos(departure.user_id))
    sanctions.forget(departure.user)
    departures.finish(departure)
    SignUp.objects.filter(person=departure.user_id).delete()
