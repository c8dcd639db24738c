"""What somebody did here that can be rolled back, kind by kind, and which verdicts rest on it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value

from accounts.models import User
from labeling.models import (
    AllBoxed,
    Box,
    Comment,
    CommentReport,
    FieldMark,
    Flag,
    Identification,
    Pass,
    Rollback,
    Ruling,
)
from species.models import Occurrence, Photo, Status

PHOTOS = "photos"


class Kind(NamedTuple):
    model: type[Any]
    person: str  # the column of whose it is
    gone: str  # the column of when it ceased to stand; empty while it stands
    words: str


KINDS = {
    "names": Kind(Identification, "person", "withdrawn_at", "Names given"),
    "boxes": Kind(Box, "person", "withdrawn_at", "Boxes drawn"),
    "all_boxed": Kind(AllBoxed, "person", "withdrawn_at", "Photos said to be boxed"),
    "field_marks": Kind(FieldMark, "person", "withdrawn_at", "Marks pointed at"),
    "passes": Kind(Pass, "person", "withdrawn_at", "Photos passed over"),
    "rulings": Kind(Ruling, "reviewer", "withdrawn_at", "Rulings"),
    "comments": Kind(Comment, "person", "hidden_at", "Comments"),
    "flags": Kind(Flag, "by", "resolved_at", "Flags raised"),
    "comment_reports": Kind(CommentReport, "by", "resolved_at", "Comments reported"),
}
VOTES = ("names", "boxes", "all_boxed", "field_marks", "passes", "rulings")
WORDS = {**{kind: each.words for kind, each in KINDS.items()}, PHOTOS: "Photos added"}


def standing(kind: str, person: User, since: datetime | None, until: datetime | None) -> QuerySet[Any]:
    """What stands of a kind, that they did from `since` to `until`."""
    each = KINDS[kind]
    rows: QuerySet[Any] = each.model.objects.filter(**{each.person: person, each.gone: None})
    if each.model is Comment:
        rows = rows.filter(withdrawn_at=None)
    if each.model is Ruling:
        rows = rows.exclude(occurrence=None)
    return rows.filter(_within(since, until))


def photos(person: User, since: datetime | None, until: datetime | None) -> QuerySet[Photo]:
    """Those that somebody is shown."""
    return Photo.objects.filter(_within(since, until), owner=person, shown=True)


def _within(since: datetime | None, until: datetime | None) -> Q:
    found = Q()
    if since is not None:
        found &= Q(created__gte=since)
    if until is not None:
        found &= Q(created__lte=until)
    return found


def _rows(kind: str, person: User, since: datetime | None) -> QuerySet[Any]:
    return photos(person, since, None) if kind == PHOTOS else standing(kind, person, since, None)


class Preview(NamedTuple):
    counts: dict[str, int]  # kind to how many
    verdicts: int  # organisms of which they named, or ruled, what it is
    verified: int  # of these

    @property
    def rows(self) -> list[tuple[str, str, int]]:
        """Kind, its words, and how many."""
        return [(kind, WORDS[kind], count) for kind, count in self.counts.items()]


def preview(person: User, since: datetime | None, kinds: Iterable[str] = tuple(WORDS)) -> Preview:
    """What a rollback would set aside now. Three queries."""
    counts = dict.fromkeys(kinds, 0)
    parts = [
        rows.order_by().annotate(of=Value(kind)).values_list("of").annotate(count=Count("pk"))
        for kind, rows in ((kind, _rows(kind, person, since)) for kind in counts)
    ]
    if parts:
        counts.update(parts[0].union(*parts[1:], all=True))
    resting = Q()
    for kind in {"names", "rulings"} & set(counts):
        resting |= Q(Exists(standing(kind, person, since, None).filter(occurrence=OuterRef("pk"))))
    touched = Occurrence.objects.filter(resting) if resting else Occurrence.objects.none()
    return Preview(counts, touched.count(), touched.filter(status=Status.VERIFIED).count())


def of_person(person: User) -> QuerySet[Rollback]:
    return Rollback.objects.filter(person=person).select_related("by", "undone_by").order_by("-created")
