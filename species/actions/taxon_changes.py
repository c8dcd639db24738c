"""Every write about merges, splits and swaps: the tree at once, and the job that takes along what people said."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from jobs.actions import enqueue
from jobs.models import Job
from species.actions import taxa
from species.models import ChangedTaxon, Taxon, TaxonChange
from species.places import areas as area_rules
from species.places.geoprivacy import strictest
from species.places.protection import Protected
from species.queries import taxa as taxon_queries
from species.queries import taxon_changes as queries
from species.taxonomy import changes as rules
from species.taxonomy.faults import Facts, introduced
from species.taxonomy.tree import Tree

State, Side = TaxonChange.State, ChangedTaxon.Side
PUBLIC = {"open": "shown exactly", "generalized": "shown as a rough area", "private": "hidden"}
MOST_TAXA = 50


@transaction.atomic
def propose(
    *,
    kind: str,
    old: Sequence[Taxon],
    new: Sequence[Taxon],
    reason: str,
    by: User,
    source: str = "",
    areas: Mapping[UUID, Sequence[str]] | None = None,
) -> TaxonChange:
    """A change that an admin may apply. `areas`: of a split, by taxon, where votes for the old name count for it.

    Nothing is changed by it. Raises PermissionDenied, ValidationError by field for what could not be applied now.
    """
    if not (by.is_authenticated and by.is_reviewer):
        raise PermissionDenied("Reviewers and admins propose changes of names.")
    if kind not in TaxonChange.Kind.values:
        raise ValidationError({"kind": f"Choose one of: {', '.join(TaxonChange.Kind.values)}."})
    if not reason.strip():
        raise ValidationError({"reason": "Say why; everybody will read it."})
    if len(old) + len(new) > MOST_TAXA:
        raise ValidationError({"old": f"At most {MOST_TAXA} names at once."})
    read = _areas(areas or {})
    if read and kind != TaxonChange.Kind.SPLIT:
        raise ValidationError({"new": "Areas are for splits."})
    if set(read) - {taxon.pk for taxon in new}:
        raise ValidationError({"new": "An area is given for a name that it is not split into."})
    for side, named in ((Side.OLD, old), (Side.NEW, new)):
        if len(set(named)) < len(named):
            raise ValidationError({side: "One name is written twice."})
    change = TaxonChange.objects.create(kind=kind, reason=reason.strip(), source=source.strip()[:300], by=by)
    ChangedTaxon.objects.bulk_create(
        ChangedTaxon(
            change=change,
            taxon=taxon,
            side=side,
            position=position,
            areas=read.get(taxon.pk, []) if side == Side.NEW else [],
        )
        for side, named in ((Side.OLD, old), (Side.NEW, new))
        for position, taxon in enumerate(named)
    )
    _check(change, taxon_queries.facts())
    return change


@transaction.atomic
def discard(*, change: TaxonChange, by: User) -> None:
    """Take a proposal away; nothing had come of it. Raises PermissionDenied, ValidationError."""
    locked = TaxonChange.objects.select_for_update().filter(pk=change.pk).first()
    if locked is None:
        return
    if not (by.is_authenticated and (by.is_admin or (by.is_reviewer and locked.by_id == by.pk))):
        raise PermissionDenied("Who proposed it takes it away, or an admin.")
    if locked.state != State.DRAFT:
        raise ValidationError("It has been applied. It can be undone.")
    locked.delete()


@transaction.atomic
def apply(*, change: TaxonChange, by: User) -> Job:
    """Change the tree now, and have a job take along what people said.

    Raises PermissionDenied; ValidationError where it is no proposal, cannot be done on the tree as it is, or another
    one of these names is under way.
    """
    _ask_admin(by)
    before = taxa.hold()
    locked = _lock(change)
    if locked.state != State.DRAFT:
        raise ValidationError(f"It is {locked.get_state_display().lower()} already.")
    _refuse_overlap(locked)
    if locked.kind == TaxonChange.Kind.SPLIT:
        # Whoever is just naming something so is waited for: from here on the name means what it is split into.
        list(Taxon.objects.select_for_update().filter(pk__in=[taxon.pk for taxon in locked.old]))
    plan = _check(locked, before)
    links = {
        str(id): [_text(before[UUID(str(id))].synonym_of), None if to is None else str(to)]
        for id, to in plan.links.items()
    }
    locked.links = links
    locked.meeting_id = None if plan.meeting is None else UUID(str(plan.meeting))
    locked.state, locked.begun_at, locked.applied_by = State.APPLYING, timezone.now(), by
    locked.job = enqueue(
        kind="taxon_change",
        arguments={"change": str(locked.pk)},
        by=by,
        title=f"{locked}"[:200],
        key=f"taxon_change:{locked.pk}",
    )
    locked.save()
    _link(locked, {id: after for id, (_, after) in links.items()}, by)
    _show(change, locked)
    return locked.job


@transaction.atomic
def undo(*, change: TaxonChange, by: User) -> Job:
    """Put the tree back now, and have a job give back what people said.

    Raises PermissionDenied; ValidationError where it is not applied, was built on since, or another one of these names
    is under way.
    """
    _ask_admin(by)
    before = taxa.hold()
    locked = _lock(change)
    if locked.state != State.APPLIED:
        raise ValidationError("Only what is applied can be undone.")
    _refuse_overlap(locked)
    built = queries.later(locked)
    if built is not None:
        raise ValidationError(f"“{built}” was applied after it. Undo that first.")
    for id, (_, after) in locked.links.items():
        facts = before.get(UUID(id))
        if facts is None or _text(facts.synonym_of) != after:
            name = facts.scientific_name if facts else "A name"
            raise ValidationError(f"{name} was changed since. Say again what it is a synonym of, then undo.")
    former = {id: then for id, (then, _) in locked.links.items()}
    _refuse_faults(before, former)
    locked.state, locked.undone_by = State.UNDOING, by
    locked.job = enqueue(
        kind="taxon_change",
        arguments={"change": str(locked.pk)},
        by=by,
        title=f"Undo: {locked}"[:200],
        key=f"taxon_change:{locked.pk}",
    )
    locked.save()
    _link(locked, former, by)
    _show(change, locked)
    return locked.job


@transaction.atomic
def finish(*, change: TaxonChange) -> None:
    """All that people said follows it. For the job."""
    locked = _lock(change)
    if locked.state == State.APPLYING:
        locked.state, locked.applied_at = State.APPLIED, timezone.now()
    elif locked.state == State.UNDOING:
        locked.state, locked.undone_at = State.UNDONE, timezone.now()
    locked.save(update_fields=["state", "applied_at", "undone_at"])
    _show(change, locked)


def _ask_admin(by: User) -> None:
    if not (by.is_authenticated and by.is_admin):
        raise PermissionDenied("Only an admin changes names.")


def _lock(change: TaxonChange) -> TaxonChange:
    return TaxonChange.objects.select_for_update().get(pk=change.pk)


def _show(change: TaxonChange, locked: TaxonChange) -> None:
    """The caller's instance says what the row does."""
    for field in TaxonChange._meta.concrete_fields:
        setattr(change, field.attname, getattr(locked, field.attname))


def _areas(said: Mapping[UUID, Sequence[str]]) -> dict[UUID, list[str]]:
    try:
        read = {id: [area_rules.read(each) for each in given] for id, given in said.items()}
    except ValueError as error:
        raise ValidationError({"new": str(error)}) from error
    return {id: given for id, given in read.items() if given}


def _refuse_overlap(change: TaxonChange) -> None:
    other = queries.in_the_way(change)
    if other is not None:
        raise ValidationError(
            f"“{other}” touches the same names and is {other.get_state_display().lower()}. Wait until that is done."
        )


def _check(change: TaxonChange, before: dict[UUID, Facts]) -> rules.Plan:
    """What it does to the tree as it is. Raises ValidationError by field."""
    tree = taxon_queries.tree()
    try:
        plan = queries.plan(change, tree)
    except rules.Impossible as error:
        raise ValidationError({error.field: str(error)}) from error
    after = _refuse_faults(
        before, {str(id): None if to is None else str(to) for id, to in plan.links.items()}
    )
    _refuse_openings(change, tree, after)
    return plan


def _refuse_faults(before: dict[UUID, Facts], links: Mapping[str, str | None]) -> dict[UUID, Facts]:
    """The tree with these synonyms. Raises ValidationError where it would contradict itself."""
    after = before | {
        UUID(id): before[UUID(id)]._replace(synonym_of=None if to is None else UUID(to))
        for id, to in links.items()
    }
    found = introduced(before.values(), after.values())
    if found:
        raise ValidationError(list(dict.fromkeys(fault.text for fault in found)))
    return after


def _refuse_openings(change: TaxonChange, tree: Tree, after: dict[UUID, Facts]) -> None:
    """No change of names opens a place, or closes others by the way. Raises ValidationError."""
    protected = taxon_queries.protected(tree)
    then = _grown(after)
    then_protected = Protected(then, protected.sensitive)
    for old in change.old:
        level = protected.level(str(old.pk))
        if (
            change.kind == TaxonChange.Kind.SPLIT
            and str(old.pk) in protected.sensitive
            and old not in change.new
        ):
            raise ValidationError(
                {"new": f"Places of {old} are protected by this name. Keep it among the new ones."}
            )
        for new in change.new:
            now = then_protected.level(str(new.pk))
            if strictest(level, now) != now:
                raise ValidationError(
                    {
                        "new": f"Places of {old} are {PUBLIC[level]}, of {new} {PUBLIC[now]}. "
                        f"Protect {new} as much, then do this."
                    }
                )


def _grown(facts: dict[UUID, Facts]) -> Tree:
    return Tree(
        (
            str(each.id),
            _text(each.parent),
            _text(each.second_parent),
            each.rank,
            _text(each.synonym_of),
        )
        for each in facts.values()
    )


def _link(change: TaxonChange, links: Mapping[str, str | None], by: User) -> None:
    rows: Iterable[Taxon] = Taxon.objects.filter(pk__in=list(links)).select_related("synonym_of")
    for taxon in rows:
        before = taxa.said(taxon)
        to = links[str(taxon.pk)]
        taxon.synonym_of = None if to is None else Taxon.objects.get(pk=to)
        taxon.save(update_fields=["synonym_of"])
        taxa.write_edit(taxon, before, by=by, change=change)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
