"""Reasons for a reviewer to look at an occurrence, found in bounded batches by a job.

None of them is certain: each says what it is measured by, and `labeling.presenters.review` says it to the reviewer.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import h3
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from labeling.models import FoundRight, Identification, ReviewCase, Ruling, Suggestion
from labeling.queries import alike
from labeling.queries.suggestions import taxa_of
from species.images.perceptual import near
from species.models import (
    CellTally,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    State,
    Status,
)
from species.queries import tallies
from species.taxonomy.tree import Tree

Queue = ReviewCase.Queue
YOUNG = timedelta(days=30)
FIRSTS = 3  # sightings of a newcomer
KNOWN_ENOUGH = 20  # others of a name, before a place or month without one says anything
RESOLUTION = 3  # of hexagons: some 60 km from middle to corner
SURE = 0.6  # of a model whose guess is worth a look
ALIKE_MOST = 500  # pictures that one batch is compared with


class Reason(NamedTuple):
    occurrence: UUID
    queue: str
    taxon: UUID | None
    weight: float
    details: dict[str, Any]


def of_verdicts(occurrences: Collection[Occurrence], tree: Tree) -> list[Reason]:
    """Why to look at what these are verified as, unless a reviewer has ruled or found it right. Occurrences come with
    their sighting."""
    looked_at = judged(occurrences)
    verified = [
        each
        for each in occurrences
        if each.shown
        and each.status == Status.VERIFIED
        and each.agreed_taxon_id is not None
        and str(each.agreed_taxon_id) in tree
        and each.pk not in looked_at
    ]
    if not verified:
        return []
    return [*_anchored(verified, tree), *_suspects(verified, tree), *_out_of_place(verified, tree)]


def of_publications(occurrences: Collection[Occurrence]) -> list[Reason]:
    """Why to look at what these show and who added them, unless a reviewer has; with their sighting and observer."""
    looked_at = judged(occurrences)
    new = [each for each in occurrences if each.listed and each.pk not in looked_at]
    new = [
        each for each in new if each.observation.batch_id is None and not each.observation.observer.is_source
    ]
    return [*_firsts(new), *_reposts(new)] if new else []


def judged(occurrences: Collection[Occurrence]) -> set[UUID]:
    """Those whose present verdict a reviewer has ruled or found right. Two queries."""
    ids = [each.pk for each in occurrences]
    ruled = Ruling.objects.filter(occurrence__in=ids, withdrawn_at=None).values_list("occurrence", flat=True)
    right = FoundRight.objects.filter(occurrence__in=ids, withdrawn_at=None)
    said = {row[0]: row[1:] for row in right.values_list("occurrence", "status", "taxon")}
    same = {each.pk for each in occurrences if said.get(each.pk) == (each.status, each.agreed_taxon_id)}
    return same | {each for each in ruled if each is not None}


def _anchored(verified: list[Occurrence], tree: Tree) -> list[Reason]:
    """Everybody whose word supports the name had a model's guess on screen. One query."""
    rows = Identification.objects.filter(occurrence__in=[each.pk for each in verified], withdrawn_at=None)
    said: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for occurrence, taxon, model in rows.order_by().values_list("occurrence", "taxon", "model_on_screen"):
        said[occurrence].append((taxon, model))
    found = []
    for each in verified:
        agreed = str(each.agreed_taxon_id)
        models = [
            model
            for taxon, model in said[each.pk]
            if str(taxon) in tree and tree.is_ancestor_or_self(agreed, str(taxon))
        ]
        if models and all(models):
            details = {"people": len(models)}
            found.append(Reason(each.pk, Queue.ANCHORED, each.agreed_taxon_id, 0.0, details))
    return found


def _suspects(verified: list[Occurrence], tree: Tree) -> list[Reason]:
    """The last guess at a photo of it alone, as a whole, is another name. Three queries."""
    of = {each.pk: each for each in verified}
    links = OccurrencePhoto.objects.filter(occurrence__in=of).order_by()
    photos = dict(links.values_list("photo", "occurrence"))
    crowded = OccurrencePhoto.objects.filter(photo__in=photos).order_by().values_list("photo")
    several = {photo for photo, count in crowded.annotate(count=Count("pk")) if count > 1}
    newest: dict[UUID, Suggestion] = {}
    for said in Suggestion.objects.filter(photo__in=photos, region=None).order_by("created", "id"):
        newest[said.photo_id] = said
    sure = [
        said
        for photo, said in newest.items()
        if photo not in several and said.taxon_id is not None and 1 - said.uncertainty >= SURE
    ]
    names = taxa_of(sure)
    found: dict[UUID, Reason] = {}
    for said in sure:
        occurrence = of[photos[said.photo_id]]
        first = said.answers[0]
        taxon = names.get(first.get("taxon") or first["label"])
        agreed = str(occurrence.agreed_taxon_id)
        if (
            taxon is None
            or not _apart(str(taxon.pk), agreed, tree)
            or not _apart(str(said.taxon_id), agreed, tree)
        ):
            continue
        weight = 1 - said.uncertainty
        before = found.get(occurrence.pk)
        if before is None or before.weight < weight:
            details = {
                "says": str(taxon.pk),
                "source": said.source,
                "photo": str(said.photo_id),
                "taxa": [str(taxon.pk)],
            }
            found[occurrence.pk] = Reason(
                occurrence.pk, Queue.SUSPECT, occurrence.agreed_taxon_id, weight, details
            )
    return list(found.values())


def _apart(one: str, other: str, tree: Tree) -> bool:
    """Neither holds the other, nor is one the hybrid of the other's kind."""
    if one not in tree or other not in tree:
        return False
    if tree.is_ancestor_or_self(one, other) or tree.is_ancestor_or_self(other, one):
        return False
    return tree.accepted(one) not in tree.everything_above(other) and tree.accepted(
        other
    ) not in tree.everything_above(one)


def _out_of_place(verified: list[Occurrence], tree: Tree) -> list[Reason]:
    """Nothing else is verified as that name around there, or around that month. Three queries a name at most."""
    found = []
    by_taxon: dict[UUID, list[Occurrence]] = defaultdict(list)
    for each in verified:
        if each.agreed_taxon_id is not None and tree.at_or_below_species(str(each.agreed_taxon_id)):
            by_taxon[each.agreed_taxon_id].append(each)
    for taxon, those in by_taxon.items():
        inside = [UUID(str(id)) for id in {tree.accepted(str(taxon)), *tree.descendants(str(taxon))}]
        if _everywhere(inside) <= KNOWN_ENOUGH:
            continue
        months = _months(inside)
        cells_of = {each.pk: around(each.observation.public_h3_5) for each in those}
        cells = _in_cells(inside, {cell for each in cells_of.values() for cell in each})
        elsewhere = _with_a_place(inside)
        for each in those:
            details: dict[str, Any] = {}
            near_by = sum(cells[cell] for cell in cells_of[each.pk])
            if cells_of[each.pk] and near_by <= 1 and elsewhere > KNOWN_ENOUGH:
                details["elsewhere"] = elsewhere - 1
            day = each.observation.local_date
            known = sum(months.values())
            if day is not None and known > KNOWN_ENOUGH:
                then = [(day.month - 2) % 12 + 1, day.month, day.month % 12 + 1]
                if sum(months[month] for month in then) <= 1:
                    details |= {"other_months": known - 1, "month": day.month}
            if details:
                found.append(Reason(each.pk, Queue.RANGE, taxon, float(len(details) > 1), details))
    return found


def is_away(taxa: list[UUID], cell: str) -> bool:
    """Whether enough are verified as these elsewhere, and none in the hexagon of a public place and those around it.
    Three queries at most."""
    cells = around(cell)
    return bool(cells) and _with_a_place(taxa) > KNOWN_ENOUGH and not sum(_in_cells(taxa, cells).values())


def _everywhere(taxa: list[UUID]) -> int:
    return tallies.by_status(taxa)[Status.VERIFIED]


def _months(taxa: list[UUID]) -> Counter[int]:
    """Month of any year to how many are verified as these."""
    sums = Counter[int]()
    for (_, month), count in tallies.verified_by_month(taxa).items():
        sums[month] += count
    return sums


def around(cell: str) -> list[str]:
    """The hexagon of a public place and those around it; none of no place."""
    return sorted(h3.grid_disk(h3.cell_to_parent(cell, RESOLUTION), 1)) if cell else []


def _in_cells(taxa: list[UUID], cells: Collection[str]) -> Counter[str]:
    rows = _counted(taxa).filter(cell__in=list(cells)).values_list("cell").annotate(total=Sum("count"))
    return Counter(dict(rows)) if cells else Counter()


def _with_a_place(taxa: list[UUID]) -> int:
    """How many are verified as these everywhere, but for those without a public place."""
    nowhere = _counted(taxa).filter(cell="").aggregate(total=Sum("count"))["total"] or 0
    return _everywhere(taxa) - nowhere


def _counted(taxa: list[UUID]) -> QuerySet[CellTally]:
    return CellTally.objects.filter(taxon__in=taxa, whole=False, status=Status.VERIFIED).order_by()


def _firsts(new: list[Occurrence]) -> list[Reason]:
    """Of somebody who came lately, or of whom nothing is verified yet. Two queries a person at most."""
    found = []
    by_person: dict[User, list[Occurrence]] = defaultdict(list)
    for each in new:
        if not each.observation.observer.is_reviewer:
            by_person[each.observation.observer].append(each)
    for person, those in by_person.items():
        verified = tallies.of_observer(person)[Status.VERIFIED]
        if verified and timezone.now() - person.created > YOUNG:
            continue
        published = Observation.objects.filter(observer=person, state=State.PUBLISHED, discarded_at=None)
        first = list(published.order_by("published_at", "id").values_list("pk", flat=True)[:FIRSTS])
        for each in those:
            if each.observation_id in first:
                number = first.index(each.observation_id) + 1
                details = {"number": number, "verified": verified}
                found.append(Reason(each.pk, Queue.FIRST, each.agreed_taxon_id, 0.0, details))
    return found


def _reposts(new: list[Occurrence]) -> list[Reason]:
    """A photo that nearly repeats one of an earlier sighting, whoever showed it. Two queries."""
    links = OccurrencePhoto.objects.filter(occurrence__in=[each.pk for each in new])
    photos = {link.photo_id: link.photo for link in links.select_related("photo") if link.photo.phash}
    of = {link.photo_id: link.occurrence_id for link in links}
    taxa = {each.pk: each.agreed_taxon_id for each in new}
    if not photos:
        return []
    shown = Photo.objects.shown().filter(alike.like(photos.values()), observation__batch=None)
    others = list(shown.order_by("created", "id")[:ALIKE_MOST])
    found: dict[UUID, Reason] = {}
    for photo in photos.values():
        other = next(
            (
                each
                for each in others
                if each.observation_id != photo.observation_id
                and (each.created, each.pk) < (photo.created, photo.pk)
                and near(photo.phash, each.phash)
            ),
            None,
        )
        if other is not None and of[photo.pk] not in found:
            details = {
                "photo": str(photo.pk),
                "other": str(other.pk),
                "own": other.owner_id == photo.owner_id,
            }
            found[of[photo.pk]] = Reason(of[photo.pk], Queue.REPOST, taxa[of[photo.pk]], 0.0, details)
    return list(found.values())


# --- what is new since somebody last looked ------------------------------------------------------------------

NEEDED = ("observation__observer",)


def settled(after: tuple[datetime, UUID] | None, until: datetime) -> QuerySet[Occurrence]:
    """Verified in this order after a moment, by `occurrence_settled_in_order`."""
    rows = Occurrence.objects.filter(shown=True, status=Status.VERIFIED, settled_at__lte=until)
    return _past(rows.select_related(*NEEDED), "settled_at", after)


def published(after: tuple[datetime, UUID] | None, until: datetime) -> QuerySet[Occurrence]:
    """Listed in this order after a moment, by `occurrence_listed_in_order`."""
    rows = Occurrence.objects.filter(listed=True, listed_at__lte=until)
    return _past(rows.select_related(*NEEDED), "listed_at", after)


def suggested(after: tuple[datetime, UUID] | None, until: datetime) -> QuerySet[Suggestion]:
    """What models said of whole photos after a moment."""
    rows = Suggestion.objects.filter(created__lte=until)
    return _past(rows.only("pk", "created", "photo"), "created", after)


def _past(rows: QuerySet[Any], column: str, after: tuple[datetime, UUID] | None) -> QuerySet[Any]:
    if after is not None:
        same = Q(**{column: after[0], "pk__gt": after[1]})
        rows = rows.filter(Q(**{f"{column}__gte": after[0]}), Q(**{f"{column}__gt": after[0]}) | same)
    return rows.order_by(column, "pk")


def of_photos(photos: Iterable[UUID]) -> list[Occurrence]:
    """Verified organisms on these. One query."""
    rows = Occurrence.objects.filter(photos__in=list(photos), shown=True, status=Status.VERIFIED)
    return list({each.pk: each for each in rows.select_related(*NEEDED)}.values())


def to_check(before: datetime, count: int) -> list[ReviewCase]:
    """Open cases that were checked longest ago, with their occurrence."""
    rows = ReviewCase.objects.filter(closed_at=None, checked_at__lt=before)
    rows = rows.select_related("occurrence__observation__observer")
    return list(rows.order_by("checked_at", "id")[:count])


def known_of(occurrences: Iterable[UUID]) -> dict[tuple[UUID, str], ReviewCase]:
    """The last case of each occurrence and queue, open or not. One query."""
    rows = ReviewCase.objects.filter(occurrence__in=list(occurrences)).order_by("created", "id")
    return {(each.occurrence_id, each.queue): each for each in rows}
