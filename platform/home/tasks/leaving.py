"""Deletes accounts whose time has come: a step at a time, each of which finds what is left for it to do."""

import logging
import time

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError

from accounts.models import Departure
from home.actions import leaving as actions
from home.actions.scrub import Scrub, forget_file_names
from home.queries import leaving as queries
from jobs.actions import enqueue
from jobs.context import Context
from jobs.registry import job, watch
from jobs.worklist import Worklist
from labeling.actions import departures as words
from species.actions import trips
from species.models import Observation, State

log = logging.getLogger(__name__)

EVERY = 600.0  # seconds
BATCH = 100
_looked = float("-inf")


class Held(Exception):
    """Something that is being made holds some of it; tried again."""


@watch
def look_for_departures() -> None:
    global _looked
    if time.monotonic() - _looked >= EVERY:
        _looked = time.monotonic()
        for departure in queries.due()[:BATCH]:
            enqueue(
                kind="delete_account",
                arguments={"person": str(departure.pk)},
                title="Delete an account that was left",
                key=f"delete_account:{departure.pk}",
            )


@job("follow_departure")
def follow_departure(context: Context) -> None:
    """Hide the photos of somebody who leaves, or show them again to whom they may be shown."""
    own = Observation.objects.filter(observer=context.arguments["person"], state=State.PUBLISHED)
    waiting = Worklist(own.order_by("pk").values_list("pk", flat=True))
    done = 0
    for batch in waiting.batches(BATCH):
        for pk in batch:
            context.progress(done, len(waiting), "Going through sightings")
            actions.follow(pk)
            done += 1
    trips.follow(context.arguments["person"])
    context.progress(done, len(waiting), "Done.")


@job("delete_account", max_attempts=8)
def delete_account(context: Context) -> None:
    """What was asked of sightings and words; then name and address out of everything; then the account itself."""
    departure = queries.due().select_related("user").filter(pk=context.arguments["person"]).first()
    if departure is None:
        return  # called back, or done
    person = departure.user
    held = _erase(context, departure)
    if departure.words == Departure.Words.REMOVE:
        for done in words.take_back(person):
            context.progress(done, None, "Taking back what was said")
    if held:
        raise Held(f"{held} sightings are held by a dataset that is being made.")
    forget_file_names(person)
    addresses = {person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)}
    for table in Scrub(departure.display_name, sorted(addresses)).run(person):
        context.progress(0, None, f"Looking through {table}")
    context.progress(1, 1, "Done.")
    with context.commit(finish=True):
        actions.finish(departure)


def _erase(context: Context, departure: Departure) -> int:
    """How many could not be erased now."""
    waiting = Worklist(queries.to_erase(departure).order_by("pk").values_list("pk", flat=True))
    done = held = 0
    for batch in waiting.batches(BATCH):
        for pk in batch:
            context.progress(done, len(waiting), "Deleting sightings")
            try:
                actions.erase(pk)
            except ValidationError as error:
                log.warning("Sighting %s stays for now: %s", pk, error)
                held += 1
            done += 1
    return held
