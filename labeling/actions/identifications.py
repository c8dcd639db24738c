"""People's identifications: said, taken back, never edited."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling import access
from labeling.actions import notices, queue, suggestions, threads, verdicts
from labeling.actions.listing import place_in_lists
from labeling.models import Identification, Pass, Suggestion, digest
from labeling.queries import newcomers
from labeling.queries.suggestions import is_suggestion_for, last_shown
from labeling.queries.threads import were_shown
from species.access import NotYours
from species.actions import occurrences
from species.models import Occurrence, Taxon
from species.queries import taxa
from species.taxonomy.tree import Tree

WORDS = (
    *("taxon", "confidence", "disagrees_with", "cannot_improve", "note"),
    *("suggestion_on_screen", "model_on_screen", "others_on_screen"),
)
NOT_SEEN = "You cannot name what you cannot see. Sign in first."


def add(
    *,
    occurrence: Occurrence,
    taxon: Taxon,
    by: User,
    confidence: str = Identification.Confidence.LIKELY,
    disagrees_with: Taxon | None = None,
    cannot_improve: bool = False,
    note: str = "",
    suggestion_on_screen: Suggestion | None = None,
    others_on_screen: bool = False,
) -> Identification:
    """Say what it is; what the same person said before is taken back, and that they can't tell. The verdict
    follows at once.

    `disagrees_with` is the taxon that the person explicitly rejects. `suggestion_on_screen` is the model's
    guess they had in sight, so that research can leave such identifications out; without it, what they were shown
    before of these photos, through whichever door, is found here. `others_on_screen`: so was what others say; what
    is known of that is found here, too.
    Raises PermissionDenied, or ValidationError by field.
    """
    if confidence not in Identification.Confidence.values:
        raise ValidationError(
            {"confidence": f"Choose one of: {', '.join(Identification.Confidence.values)}."}
        )
    if not by.is_authenticated:
        raise PermissionDenied(NOT_SEEN)
    # What they were shown they were shown before they spoke: read while nobody waits for it.
    source, seen = ("", None) if suggestion_on_screen else last_shown(by, occurrence)
    others_seen = not others_on_screen and were_shown(by, occurrence)
    with transaction.atomic():
        locked = occurrences.lock(occurrence)
        if not access.can_identify(by, locked):
            raise PermissionDenied(NOT_SEEN)
        newcomers.check_name(by)
        tree = taxa.tree()
        if disagrees_with is not None and tree.is_ancestor_or_self(str(disagrees_with.pk), str(taxon.pk)):
            raise ValidationError({"disagrees_with": "This would reject the very name you give."})
        if suggestion_on_screen is not None:
            if not is_suggestion_for(suggestion_on_screen.pk, locked):
                raise ValidationError({"suggestion_on_screen": "This guess is about another photo."})
            source, seen = suggestion_on_screen.source, suggestion_on_screen
            suggestions.show(what=[(digest(seen.photo.sha256), source)], by=by)
        if others_on_screen:
            threads.show(occurrences=[locked.pk], by=by)
        return _say(
            locked,
            by,
            tree,
            taxon=taxon,
            confidence=confidence,
            disagrees_with=disagrees_with,
            cannot_improve=cannot_improve,
            note=note.strip(),
            suggestion_on_screen=seen,
            model_on_screen=source,
            others_on_screen=others_on_screen or others_seen,
        )


def _say(locked: Occurrence, by: User, tree: Tree, **words: Any) -> Identification:
    before = locked.status
    _take_back(locked, by)
    Pass.objects.filter(occurrence=locked, person=by, withdrawn_at=None).update(withdrawn_at=timezone.now())
    identification = Identification.objects.create(
        occurrence=locked, person=by, **words, **place_in_lists(locked)
    )
    queue.said(locked, identification)
    verdicts.settle_held(occurrence=locked, by=by, tree=tree)
    if locked.agreed_taxon_id == identification.taxon_id:
        locked.agreed_taxon = identification.taxon  # or it would be read anew
    notices.tell_observer(occurrence=locked, by=by, before=before)
    return identification


@transaction.atomic
def agree(*, identification: Identification, by: User) -> Identification:
    """Say what somebody else says, having seen that they do. Who says just this already goes on saying it.

    Raises PermissionDenied; ValidationError where it is one's own, or is taken back by now; NotYours where it is gone.
    """
    if identification.person_id == by.pk:
        raise ValidationError("You said that yourself.")
    locked = occurrences.lock(Occurrence(pk=identification.occurrence_id))
    standing = Identification.objects.filter(occurrence=locked, withdrawn_at=None).select_related(
        "taxon__synonym_of"
    )
    said = standing.filter(pk=identification.pk).first()
    if said is None:
        raise ValidationError("They have taken that back meanwhile. Look again, then say what it is.")
    taxon = taxa.accepted(said.taxon)
    own = standing.filter(person=by.pk).first()
    if own is not None and taxa.accepted(own.taxon) == taxon:
        return own
    return add(occurrence=locked, taxon=taxon, by=by, others_on_screen=True)


@transaction.atomic
def withdraw(*, identification: Identification, by: User) -> Identification:
    """Take back what one said; it stays on record. Again is no error. The verdict follows at once.

    Raises PermissionDenied; NotYours where it is gone: with its draft, or by another name for that.
    """
    if identification.person_id != by.pk or not by.is_active:
        raise PermissionDenied("Only the person who said it takes it back.")
    # By its id: the row may be gone since this one was read.
    locked = occurrences.lock(Occurrence(pk=identification.occurrence_id))
    before = locked.status
    if _take_back(locked, by, identification.pk):
        queue.said(locked)
        verdicts.settle_held(occurrence=locked, by=by)
        notices.tell_observer(occurrence=locked, by=by, before=before)
    try:
        identification.refresh_from_db(fields=["withdrawn_at"])
    except Identification.DoesNotExist as error:
        raise NotYours("No such identification.") from error
    return identification


@transaction.atomic
def say_again(*, identification: Identification, by: User) -> Identification:
    """Say once more what one had taken back, with all that was known of it. Raises as `withdraw` does."""
    if identification.person_id != by.pk or not by.is_active:
        raise PermissionDenied("Only the person who said it says it again.")
    locked = occurrences.lock(Occurrence(pk=identification.occurrence_id))
    words = {name: getattr(identification, name) for name in WORDS}
    return _say(locked, by, taxa.tree(), **words)


@transaction.atomic
def add_imported(*, occurrence: Occurrence, said: Mapping[User, Taxon], by: User) -> list[Identification]:
    """The identifications that came with an imported sighting, by the source account whose each is. Again is the same.

    For imports only. `by` is who runs it. The verdict is computed anew in any case, so that an import that
    was broken off and begun again leaves nothing unsettled.
    """
    if not by.is_reviewer:
        raise PermissionDenied("Only a reviewer imports other people's opinions.")
    if not all(source.is_source for source in said):
        raise ValidationError("Imported opinions belong to a source account.")
    locked = occurrences.lock(occurrence)
    # Until this transaction ends nobody starts or stops trusting a source: that must find this identification, or
    # this must find the trust. In one order, so that two imports never wait for each other.
    list(
        User.objects.select_for_update(no_key=True)
        .filter(pk__in=[source.pk for source in said])
        .order_by("pk")
    )
    standing = {
        each.person_id: each
        for each in Identification.objects.filter(occurrence=locked, person__in=said, withdrawn_at=None)
    }
    for source, taxon in said.items():
        if source.pk not in standing or standing[source.pk].taxon_id != taxon.pk:
            _take_back(locked, source)
            standing[source.pk] = Identification.objects.create(
                occurrence=locked,
                person=source,
                taxon=taxon,
                confidence=Identification.Confidence.SURE,
                **place_in_lists(locked),
            )
    queue.said(locked)
    verdicts.settle_held(occurrence=locked, by=by)
    return [standing[source.pk] for source in said]


def _take_back(occurrence: Occurrence, person: User, pk: UUID | None = None) -> int:
    standing = Identification.objects.filter(occurrence=occurrence, person=person, withdrawn_at=None)
    if pk is not None:
        standing = standing.filter(pk=pk)
    return standing.update(withdrawn_at=timezone.now())
