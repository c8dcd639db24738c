"""Reviewers' decisions: on one occurrence, or trust in everything that one import source says."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from jobs.actions import enqueue
from labeling import access
from labeling.actions import notices, verdicts
from labeling.actions.listing import place_in_lists
from labeling.models import Ruling
from labeling.queries import identifications, rulings
from labeling.queries.rulings import Overruled
from notices.actions import notify
from species.actions import occurrences
from species.models import Observation, Occurrence, Taxon
from species.queries import taxa

NOT_YOURS = "Only a reviewer rules, on published sightings of others."


class Unconfirmed(ValidationError):
    """The ruling is one that is asked for twice: `overruled` says why, and whom it would overrule."""

    def __init__(self, overruled: Overruled) -> None:
        super().__init__(f"{overruled.sentence} Rule once more to mean it.", code="unconfirmed")
        self.overruled = overruled


@transaction.atomic
def rule(
    *, occurrence: Occurrence, taxon: Taxon | None, reason: str, by: User, confirmed: bool = False
) -> Ruling:
    """Decide an occurrence over everybody's identifications; without a taxon: it can't be settled.

    A ruling that stood is withdrawn by it; the same once more is the one that stands.
    Whose sighting it is, whom it overrules and who had ruled are told.
    Raises PermissionDenied, ValidationError; Unconfirmed where it overrules two people or more, or names no species,
    and `confirmed` does not say that this is meant.
    """
    locked = occurrences.lock(occurrence)
    before = locked.status
    if not access.can_rule(by, locked):
        raise PermissionDenied(NOT_YOURS)
    reason = _reason(reason)
    former = _standing(locked)
    if former is not None and (former.taxon_id, former.reason, former.reviewer_id) == (
        taxon.pk if taxon else None,
        reason,
        by.pk,
    ):
        return former
    overruled = rulings.overruled(rulings.who_says_what(locked), taxon, by, taxa.tree())
    if overruled.asks_twice and not confirmed:
        raise Unconfirmed(overruled)
    if former is not None:
        _take_back(former)
    ruling = Ruling.objects.create(
        occurrence=locked, taxon=taxon, reason=reason, reviewer=by, **place_in_lists(locked)
    )
    verdicts.settle_held(occurrence=locked)
    notices.tell_observer(occurrence=locked, by=by, before=before)
    if former is not None and former.reviewer_id != by.pk:
        name = taxon.said if taxon else "it can’t be settled"
        _tell_reviewer(former, locked.observation, f"{by} ruled otherwise than you: {name}. {reason}")
    told = {locked.observation.observer_id, by.pk, former.reviewer_id if former else None}
    notices.tell_overruled(
        ruling=ruling, people=[each.person for each in overruled.said if each.person_id not in told]
    )
    return ruling


@transaction.atomic
def undo(*, ruling: Ruling, former: Ruling | None, by: User) -> Ruling:
    """Take a ruling back as if it had not been made: `former`, which it took the place of, is made again in the name of
    who had ruled. Raises PermissionDenied.
    """
    stood = ruling.withdrawn_at is None
    withdraw(ruling=ruling, by=by)
    locked = occurrences.lock(Occurrence(pk=ruling.occurrence_id))
    if former is not None and stood and _standing(locked) is None:
        Ruling.objects.create(
            occurrence=locked,
            taxon_id=former.taxon_id,
            reason=former.reason,
            reviewer_id=former.reviewer_id,
            **place_in_lists(locked),
        )
        verdicts.settle_held(occurrence=locked)
    return ruling


@transaction.atomic
def withdraw(*, ruling: Ruling, by: User) -> Ruling:
    """Take a ruling back, or the trust in a source; the verdicts follow. Again is no error.

    Any reviewer can, but nobody on their own upload. Raises PermissionDenied.
    """
    if ruling.source is not None:
        return _withdraw_trust(ruling, ruling.source, by)
    locked = occurrences.lock(Occurrence(pk=ruling.occurrence_id))
    if not access.can_rule(by, locked):
        raise PermissionDenied(NOT_YOURS)
    ruling.refresh_from_db(fields=["withdrawn_at"])
    if ruling.withdrawn_at is not None:
        return ruling
    _take_back(ruling)
    before = locked.status
    verdicts.settle_held(occurrence=locked)
    taken_back = f"{by} took back the ruling on your sighting. What people say decides again."
    notices.tell_observer(occurrence=locked, by=by, before=before, news=taken_back)
    if ruling.reviewer_id != by.pk:
        _tell_reviewer(ruling, locked.observation, f"{by} took back your ruling.")
    return ruling


@transaction.atomic
def trust(*, source: User, reason: str, by: User) -> Ruling:
    """Let everything a source account says count as ruled, until this is withdrawn.

    One row; what the source has said so far is settled anew by a job. A ruling on a single occurrence still
    outranks it. Raises PermissionDenied; ValidationError, also when the source is trusted already.
    """
    if not (by.is_authenticated and by.is_reviewer):
        raise PermissionDenied("Only a reviewer trusts a source.")
    if not source.is_source:
        raise ValidationError(
            {"source": "Trust is for imported collections. People are agreed or disagreed with."}
        )
    reason = _reason(reason)
    _hold(source)
    standing = rulings.trust_in(source)
    if standing is not None:
        raise ValidationError(
            f"{standing.reviewer} trusts {source} already: “{standing.reason}” Withdraw that first."
        )
    ruling = Ruling.objects.create(source=source, reason=reason, reviewer=by, shown=True)
    _settle_source_later(source, by)
    return ruling


def _withdraw_trust(ruling: Ruling, source: User, by: User) -> Ruling:
    """Stop trusting a source: everything verified by that alone goes back to what people say, by a job."""
    if not (by.is_authenticated and by.is_reviewer):
        raise PermissionDenied("Only a reviewer stops trusting a source.")
    _hold(source)
    ruling.refresh_from_db(fields=["withdrawn_at"])
    if ruling.withdrawn_at is not None:
        return ruling
    _take_back(ruling)
    _settle_source_later(source, by)
    if ruling.reviewer_id != by.pk:
        notify(user=ruling.reviewer, kind="ruling", text=f"{by} withdrew your trust in {source}.")
    return ruling


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "Say why; others will read it."})
    return reason


def _standing(occurrence: Occurrence) -> Ruling | None:
    standing = Ruling.objects.select_related("reviewer")
    return standing.filter(occurrence=occurrence, withdrawn_at=None).first()


def _take_back(ruling: Ruling) -> None:
    ruling.withdrawn_at = timezone.now()
    ruling.save(update_fields=["withdrawn_at"])


def _hold(source: User) -> None:
    """No import of this source is between its identification and its verdict while this transaction runs."""
    User.objects.select_for_update(no_key=True).get(pk=source.pk)


def _settle_source_later(source: User, by: User) -> None:
    if identifications.occurrences_of_source(source).exists():
        enqueue(
            kind="resettle",
            arguments={"source": str(source.pk)},
            by=by,
            title=f"Settle anew what came from {source}",
            key=f"resettle:{source.pk}",
            again=True,
        )


def _tell_reviewer(ruling: Ruling, observation: Observation, text: str) -> None:
    notify(
        user=ruling.reviewer,
        kind="ruling",
        text=text,
        url=f"{observation.get_absolute_url()}#o-{ruling.occurrence_id}",  # type: ignore[attr-defined]  # ABSOLUTE_URL_OVERRIDES
        about=f"observation:{observation.pk}",
    )
