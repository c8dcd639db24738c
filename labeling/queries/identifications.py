"""Identifications that stand."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from labeling.models import Identification, Ruling, SignUp
from labeling.queries import reliability
from species.models import Occurrence, Taxon

VOTED = (
    *("occurrence", "person", "taxon", "disagrees_with", "cannot_improve"),
    *("model_on_screen", "others_on_screen"),
)


def as_votes(rows: QuerySet[Identification]) -> QuerySet[Identification]:
    """With what else `labeling.queries.outcomes` reads of each: from which network and in which burst its person signed
    up, and which version of the table of reliability is current."""
    came = SignUp.objects.filter(person=OuterRef("person")).order_by()
    return rows.annotate(
        household=Subquery(came.values("network")[:1]),
        burst=Subquery(came.values("burst")[:1]),
        table_version=reliability.version_column(),
    )


def standing_identifications(occurrences: list[Occurrence]) -> dict[UUID, list[Identification]]:
    """By occurrence, each of these. One query."""
    found: dict[UUID, list[Identification]] = {occurrence.pk: [] for occurrence in occurrences}
    votes = as_votes(Identification.objects.only(*VOTED))
    for row in votes.filter(occurrence__in=occurrences, withdrawn_at=None).order_by("created", "id"):
        found[row.occurrence_id].append(row)
    return found


def names_of_others(occurrence: Occurrence, person: User) -> list[Taxon]:
    """What others call it now, which one can say it is not. One query."""
    standing = Identification.objects.filter(occurrence=occurrence, withdrawn_at=None).exclude(person=person)
    return list({each.taxon_id: each.taxon for each in standing.select_related("taxon")}.values())


def occurrences_of_source(source: User) -> QuerySet[Occurrence]:
    """Everything that a source account has said a name of, also where it has taken that back."""
    said = Identification.objects.filter(occurrence=OuterRef("pk"), person=source)
    return Occurrence.objects.filter(Exists(said))


def names_that_count(occurrences: list[Occurrence]) -> dict[UUID, list[tuple[UUID, bool]]]:
    """By occurrence, the taxa that protect its place, each with whether anybody's word for it stands: what people
    say it is, and what they said and withdrew since such names were last cleared. One query.
    """
    found: dict[UUID, list[tuple[UUID, bool]]] = {occurrence.pk: [] for occurrence in occurrences}
    cleared = Q(withdrawn_at__lte=F("occurrence__names_cleared_at"))
    rows = Identification.objects.filter(occurrence__in=occurrences).exclude(cleared).order_by()
    counted = rows.values_list("occurrence", "taxon").annotate(
        standing=Count("pk", filter=Q(withdrawn_at=None))
    )
    for occurrence, taxon, standing in counted:
        found[occurrence].append((taxon, standing > 0))
    return found


def occurrences_named(taxa: Iterable[UUID]) -> QuerySet[Occurrence]:
    """Whatever anybody has ever called one of these taxa, or rejected as one, or a reviewer ruled to be one."""
    taxa = list(taxa)
    named = Q(taxon__in=taxa) | Q(disagrees_with__in=taxa)
    said = Identification.objects.filter(named, occurrence=OuterRef("pk"))
    ruled = Ruling.objects.filter(occurrence=OuterRef("pk"), taxon__in=taxa)
    return Occurrence.objects.filter(Q(agreed_taxon__in=taxa) | Exists(said) | Exists(ruled))
