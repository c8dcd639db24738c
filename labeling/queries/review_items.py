"""One thing that waits for a reviewer, with everything that its page shows."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from accounts.models import User
from labeling.consensus import Unreadable
from labeling.models import (
    CommentReport,
    Flag,
    FoundRight,
    Identification,
    ReviewCase,
    Routing,
    Ruling,
    Suggestion,
    Verdict,
)
from labeling.queries import review, threads
from labeling.queries.boxes import Frame, frames_on
from labeling.queries.suggestions import taxa_of
from species import access
from species.models import Occurrence, Photo, Status, TaxaVersion, Taxon
from species.queries import taxa as taxon_queries
from species.taxonomy.tree import Tree

# What hangs on the occurrence.
NEEDED = ("observation__observer", "observation__place", "observation__batch", "agreed_taxon", "verdict")
PHOTOS = 12


@dataclass
class ReviewItem:
    """`names`: taxa that anything here speaks of, by id; `given`: names that stand, the leading one first;
    `suggestions`: the newest of each photo; `right_by`: who found its verdict right; `other`: what a photo of it
    nearly repeats."""

    row: review.Row
    occurrence: Occurrence
    photos: list[Photo]
    said: list[Identification]
    rulings: list[Ruling]
    suggestions: dict[UUID, Suggestion]
    frames: list[Frame]
    cases: list[ReviewCase]
    right_by: str
    other: Photo | None
    names: dict[str, Taxon]
    tree: Tree
    exact: bool

    @property
    def standing(self) -> list[Identification]:
        return [each for each in self.said if each.withdrawn_at is None]

    @property
    def given(self) -> list[Taxon]:
        ids = ranked(self.occurrence, self.standing, self.tree)[0]
        return [self.names[str(id)] for id in ids if str(id) in self.names]


def ranked(occurrence: Occurrence, standing: list[Identification], tree: Tree) -> tuple[list[UUID], bool]:
    """The names that people give, what is agreed or nearest to it first, then by how many say so; and whether the
    first leads alone. Without queries where the verdict is known."""
    given = Counter(
        UUID(str(tree.accepted(str(each.taxon_id)))) for each in standing if str(each.taxon_id) in tree
    )
    order = sorted(given, key=lambda id: (-given[id], list(given).index(id)))
    verdict: Verdict | None = getattr(occurrence, "verdict", None)
    # What is agreed of something disputed is no more than a group.
    leading = occurrence.agreed_taxon_id if occurrence.status == Status.VERIFIED else None
    try:
        if leading is None and verdict is not None and verdict.explained().leading:
            leading = UUID(str(verdict.explained().leading))
    except Unreadable:
        leading = None
    if leading is not None:
        leading = UUID(str(tree.accepted(str(leading)))) if str(leading) in tree else leading
        return [leading, *(each for each in order if each != leading)], True
    alone = len(order) == 1 or (len(order) > 1 and given[order[0]] > given[order[1]])
    return order, alone


def item(row: review.Row, person: User) -> ReviewItem | None:
    """With everything; None where this person sees nothing of it any more. Always as many queries."""
    about = row.about
    right = FoundRight.objects.filter(
        Q(taxon=OuterRef("agreed_taxon")) | Q(taxon=None),
        occurrence=OuterRef("pk"),
        status=OuterRef("status"),
        withdrawn_at=None,
    )
    version = TaxaVersion.objects.order_by("id").values("version")[:1]
    rows = Occurrence.objects.select_related(*NEEDED).visible_to(person)
    rows = rows.annotate(
        right_by=Subquery(right.values("by__display_name")[:1]), tree_version=Subquery(version)
    )
    if isinstance(about, Flag):
        rows = rows.filter(photos=about.photo_id)
    elif isinstance(about, CommentReport):
        rows = rows.filter(observation=about.comment.observation_id)
    else:
        rows = rows.filter(pk=about.occurrence_id if isinstance(about, (ReviewCase, Routing)) else about.pk)
    occurrence: Any = rows.order_by("created", "id").first()
    if occurrence is None:
        return None
    exact = access.can_see_exact_place(person, occurrence.observation)
    seen = Photo.objects.filter(occurrences=occurrence)
    seen = seen if exact else seen.visible_to(person)
    photos = list(seen.order_by("position", "created", "id")[:PHOTOS])
    said = list(threads.said([occurrence.pk]))
    suggestions = _suggestions(photos)
    tree = taxon_queries.tree(occurrence.tree_version)
    verdict = getattr(occurrence, "verdict", None)
    cases = review.open_cases(occurrence.pk) if isinstance(about, ReviewCase) else []
    if isinstance(about, ReviewCase) and about.pk not in {each.pk for each in cases}:
        cases = [*cases, about]
    also = {UUID(id) for id in _spoken_of(verdict)} | set(ranked(occurrence, said, tree)[0])
    also |= {UUID(id) for each in cases for id in each.details.get("taxa", ())}
    return ReviewItem(
        row=row,
        occurrence=occurrence,
        photos=photos,
        said=said,
        rulings=_rulings(occurrence, said),
        suggestions=suggestions,
        frames=frames_on([occurrence.pk], [each.pk for each in photos]),
        cases=cases,
        right_by=occurrence.right_by or "",
        other=_other(row),
        names=taxa_of(suggestions.values(), also=also),
        tree=tree,
        exact=exact,
    )


def _spoken_of(verdict: Verdict | None) -> set[str]:
    try:
        return {str(id) for id in verdict.explained().taxa()} if verdict else set()
    except Unreadable:
        return set()


def _suggestions(photos: list[Photo]) -> dict[UUID, Suggestion]:
    found: dict[UUID, Suggestion] = {}
    rows = Suggestion.objects.filter(photo__in=photos, region=None).select_related("taxon__synonym_of")
    for row in rows.order_by("created", "id"):
        found[row.photo_id] = row
    return found


def _rulings(occurrence: Occurrence, said: list[Identification]) -> list[Ruling]:
    sources = {each.person_id for each in said if each.person.is_source and each.withdrawn_at is None}
    about = Q(occurrence=occurrence)
    if sources:
        about |= Q(source__in=sources, withdrawn_at=None)
    return list(threads.ruled(about))


def _other(row: review.Row) -> Photo | None:
    details: dict[str, Any] = row.about.details if isinstance(row.about, ReviewCase) else {}
    id = details.get("other")
    return Photo.objects.shown().select_related("observation").filter(pk=id).first() if id else None
