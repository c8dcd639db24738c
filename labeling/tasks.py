"""Background work of this app."""

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from jobs.actions import enqueue, forget
from jobs.outcomes import Permanent
from jobs.registry import job, watch
from jobs.worklist import Worklist
from labeling.actions import (
    consents,
    drafts,
    portraits,
    quality,
    reapplied,
    reliability,
    review_cases,
    rollbacks,
    routing,
    sanctions,
    suggestions,
    verdicts,
)
from labeling.imports import asked, run
from labeling.models import Rollback
from labeling.queries import identifications
from labeling.queries import portraits as portrait_queries
from labeling.queries import quality as quality_queries
from labeling.queries import reliability as reliability_queries
from labeling.queries import routing as routing_queries
from labeling.queries.verdicts import not_followed
from notices.actions import notify
from species.actions import tallies, taxon_changes, trips
from species.actions.observations import GRACE
from species.models import Taxon, TaxonChange
from species.queries import taxa
from species.queries import taxon_changes as taxon_change_queries

log = logging.getLogger(__name__)

FORGET_EVERY = 24 * 3600.0  # seconds
GATHER_EVERY = 60.0
TOLD = 5  # reasons for which rows of a table were skipped
LOOK_EVERY = 600.0
MEASURE_EVERY = 3600.0
REVIEW_EVERY = 60.0
ROUTE_EVERY = 3600.0
REVIEWS_KEPT = timedelta(days=1)
_forgot = _gathered = _looked = _measured = _reviewed = _asked = _routed = float("-inf")


@watch
def clear_drafts() -> None:
    """What was discarded is gone for good once it can no longer be had back. A few rows: no job for them."""
    drafts.clear(before=timezone.now() - GRACE)
    trips.clear(before=timezone.now() - GRACE)


@watch
def gather_tallies() -> None:
    """Counters stay as short as what they count."""
    global _gathered
    if time.monotonic() - _gathered >= GATHER_EVERY:
        _gathered = time.monotonic()
        tallies.gather()


@job("resettle")
def resettle(context) -> None:
    """Settle anew whatever the source `arguments["source"]` has said, after trust came or went."""
    source = User.objects.get(pk=context.arguments["source"], is_source=True)
    waiting = identifications.occurrences_of_source(source).order_by("created", "id")
    verdicts.recompute(
        occurrences=waiting.values_list("pk", flat=True),
        progress=lambda done, total: context.progress(done, total, "Computing verdicts"),
    )


@job("follow_tree")
def follow_tree(context) -> None:
    """Settle anew what was reached on another tree, after a synonym, a merger, a new parent; or with another table of
    reliability."""
    changed = verdicts.follow(
        progress=lambda done, total: context.progress(done, total, "Computing verdicts on what changed")
    )
    log.info("%s verdicts changed", changed)


@watch
def find_verdicts_of_another_tree() -> None:
    tree = taxa.tree()
    if not tree.broken and not_followed(tree).exists():
        enqueue(kind="follow_tree", key="follow_tree", title="Let verdicts follow what changed")


@job("reliability")
def measure_reliability(context) -> None:
    """Measure how often people are right, make that the current table, and let verdicts follow it."""
    votes = reliability.measure(
        version=f"measured-{context.job.pk.hex[:24]}",
        progress=lambda done, total, doing: context.progress(done, total, doing),
    )
    log.info("Reliability was measured from %s identifications", votes)
    verdicts.follow(
        progress=lambda done, total: context.progress(done, total, "Computing verdicts on what was measured")
    )


@watch
def look_for_what_to_measure() -> None:
    global _measured
    if time.monotonic() - _measured >= MEASURE_EVERY:
        _measured = time.monotonic()
        if reliability_queries.worth_measuring():
            enqueue(kind="reliability", key="reliability", title="Measure how often people are right")


@job("settle_taxa")
def settle_taxa(context) -> None:
    """Settle anew whatever was ever named as one of the taxa `arguments["taxa"]` or as something under one."""
    verdicts.settle_named(
        changed=Taxon.objects.filter(pk__in=context.arguments["taxa"]),
        progress=lambda done, total: context.progress(done, total, "Computing verdicts and places"),
    )


@job("taxon_change")
def follow_taxon_change(context) -> None:
    """Take along what people said with the merge, split or swap `arguments["change"]`, or give it back where that is
    being undone, and settle it anew. The tree itself has changed already. Safe to run again at any point.
    """
    change = taxon_change_queries.changes().get(pk=context.arguments["change"])
    if not change.running:
        return

    def say(what: str):
        return lambda done, total: context.progress(done, total, what)

    reapplied.carry_out(change=change, progress=say("Taking along what people said"))
    verdicts.follow(progress=say("Computing verdicts on the changed tree"))
    if (tree := taxa.tree()).broken:
        raise Permanent(f"The names here contradict each other: {tree.broken} Mend them, then try again.")
    with context.commit(finish=True):
        if change.state == TaxonChange.State.APPLYING:
            reapplied.ask_again(change=change)
        taxon_changes.finish(change=change)


@job(consents.KIND)
def say_of_many(context) -> None:
    """Say of many photos what they may be used for, or take that back; told to their owner in numbers."""
    person, said = context.job.owner, context.arguments["said"]
    if person is None or not person.is_active:
        raise Permanent("This account is closed.")
    if undoes := context.arguments["undoes"]:
        since, until = map(datetime.fromisoformat, undoes)
        waiting = consents.said_then(person, said, since, until).count()
        result = consents.undo(
            said=said,
            since=since,
            until=until,
            by=person,
            progress=lambda done: context.progress(done, max(done, waiting), "Taking it back"),
        )
    else:
        chosen = context.arguments["photos"]
        own = consents.own(person).order_by("pk").values_list("pk", flat=True)
        photos = Worklist(own if chosen is None else map(UUID, chosen))
        ids = (pk for batch in photos.batches(1000) for pk in batch)
        result = consents.say(
            ids=ids,
            said=said,
            by=person,
            progress=lambda done: context.progress(done, len(photos), "Saying it"),
        )
    context.progress(1, 1, result.sentence())
    with context.commit(finish=True):
        notify(
            user=person,
            kind=consents.KIND,
            text=f"What many of your photos may be used for: {result.sentence()}",
            url=reverse("my_uploads"),
            about=consents.KIND,
        )


@job("import", asks="is_reviewer")
def import_collection(context) -> None:
    """Take in the collection that the arguments name, as `imports.run.import_collection` does; again is harmless."""
    context.check_right()
    _take_in(context, Path(context.arguments["path"]))


@job(asked.KIND, asks="is_reviewer")
def import_table(context) -> None:
    """The same, of a table that stands in the arguments."""
    context.check_right()
    with asked.written(context.arguments["table"]) as folder:
        report = _take_in(context, folder)
    lines = [f"{', '.join(where)}: {why}" for why, where in report.skipped().items()]
    context.progress(report.rows, report.rows, " ".join([report.sentence(), *lines[:TOLD]]))


def _take_in(context, path: Path) -> run.Report:
    said = context.arguments
    try:
        report = run.import_collection(
            path=path,
            source=said["source"],
            by=User.objects.get(pk=said["by"]),
            licence=said["license"],
            credit=said.get("credit", ""),
            consents=said.get("consents", ["show"]),
            trust=bool(said.get("trust")),
            reason=said.get("reason", ""),
            progress=context.progress,
        )
    except run.ImportRefused as error:
        raise Permanent(str(error)) from error
    for reason, lines in report.skipped().items():
        log.warning("Import of %s skipped %s: %s", said["source"], ", ".join(lines), reason)
    if not report.sightings:
        first = f" {report.problems[0].where}: {report.problems[0].what}" if report.problems else ""
        raise Permanent(f"No photo could be taken in.{first}")
    return report


@watch
def forget_what_nobody_kept() -> None:
    """The page promises to forget a photo that was only asked about."""
    global _forgot
    if time.monotonic() - _forgot >= FORGET_EVERY:
        _forgot = time.monotonic()
        suggestions.forget_unkept()


@job("portraits")
def choose_portraits(context) -> None:
    """Look for the photo that stands for each taxon where names are chosen."""
    portraits.choose_all(lambda done, total: context.progress(done, total, "Choosing photos of names"))


@watch
def look_for_portraits() -> None:
    global _looked
    if time.monotonic() - _looked >= LOOK_EVERY:
        _looked = time.monotonic()
        if portrait_queries.anything_new():
            enqueue(kind="portraits", key="portraits", title="Choose the photos beside likely names")


@job("review_cases")
def find_review_cases(context) -> None:
    """Look for what a reviewer should see, in what is new since this was last done."""
    found = review_cases.look(progress=lambda done, total: context.progress(done, total, "Looking"))
    log.info("%s cases for reviewers", found)
    forget(kind="review_cases", before=timezone.now() - REVIEWS_KEPT)


@watch
def look_for_review_cases() -> None:
    global _reviewed
    if time.monotonic() - _reviewed >= REVIEW_EVERY:
        _reviewed = time.monotonic()
        if review_cases.anything_new():
            enqueue(kind="review_cases", key="review_cases", title="Look for what reviewers should see")


@job("routing")
def route_what_is_left(context) -> None:
    """Ask reviewers by name to look at what the crowd leaves open; another one after a week."""
    asked = routing.route(progress=lambda done, total: context.progress(done, total, "Asking reviewers"))
    log.info("%s sightings were routed to reviewers", asked)
    forget(kind="routing", before=timezone.now() - REVIEWS_KEPT)


@watch
def look_for_what_is_left() -> None:
    global _routed
    if time.monotonic() - _routed >= ROUTE_EVERY:
        _routed = time.monotonic()
        if routing_queries.anything_to_do():
            enqueue(kind="routing", key="routing", title="Ask reviewers to look at what is left open")


@job(rollbacks.KIND)
def roll_back(context) -> None:
    """Set aside what `arguments["rollback"]` names, or give it back. Safe to run again at any point."""
    rollback = Rollback.objects.select_related("person", "by").get(pk=context.arguments["rollback"])
    rollbacks.carry_out(
        rollback=rollback,
        progress=lambda done, total: context.progress(done, total, "Going through what they did"),
    )


@watch
def end_suspensions() -> None:
    """A few rows: no job for them; what follows from each is one."""
    sanctions.end_those_that_are_over()


@job("quality")
def measure_quality(context) -> None:
    """How well people agree, as of today."""
    context.progress(0, 1, "Reading what people said")
    quality.measure()
    forget(kind="quality", before=timezone.now() - REVIEWS_KEPT)


@watch
def look_whether_quality_is_due() -> None:
    global _asked
    if time.monotonic() - _asked >= MEASURE_EVERY:
        _asked = time.monotonic()
        if quality_queries.is_due():
            enqueue(kind="quality", key="quality", title="Measure how well people agree")
