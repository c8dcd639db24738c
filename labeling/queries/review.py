"""What waits for a reviewer: queues in one order, places in them, and how many wait.

Each is read from an index in its order, and none has what one has uploaded oneself. `benchmarks/questions.py` asks each
of a million sightings.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Model, OuterRef, Q, QuerySet, Value

from accounts.models import User
from labeling.models import Comment, CommentReport, Flag, ReviewAct, ReviewCase, Routing
from labeling.queries.routing import OPEN
from species.models import Observation, Occurrence, OccurrencePhoto, Photo, State, Status
from species.queries.probe import Probe

Queue = ReviewCase.Queue
ROUTED, DISPUTED, FLAGGED = "routed", "disputed", "flagged"
MOST = 100  # that are counted
MANY = 50  # at once
ACTS = 20  # that are told
# Their reason is what is agreed: once something else is, it is gone.
OF_A_VERDICT = (Queue.RANGE, Queue.ANCHORED, Queue.SUSPECT)


class Row(NamedTuple):
    """A place in a queue: `key` stands in addresses, `at` is what it is sorted by; `occurrence`: of a flag the first on
    its photo, of a reported comment the first of its sighting."""

    key: UUID
    at: tuple[Any, ...]
    about: Any  # Routing, Occurrence, ReviewCase, Flag or CommentReport


@dataclass(frozen=True)
class Source:
    """Rows of one table in a queue, in the order of two columns, the second of which is the id."""

    model: type[Model]
    rows: Callable[[User], QuerySet[Any]]
    first: str

    @property
    def column(self) -> str:
        return self.first.removeprefix("-")

    def row(self, about: Model) -> Row:
        value = getattr(about, self.column)
        return Row(about.pk, (-value if self.first.startswith("-") else value, about.pk), about)

    def after(self, person: User, place: Row | None, count: int) -> list[Row]:
        return [self.row(each) for each in self._from(self.rows(person), place)[:count]]

    def beside(self, person: User, place: Row) -> list[Row]:
        """The one before and the one after a place, where there are such. One query."""
        rows, sides = self.rows(person), []
        for back in (True, False):
            next_to_it = self._from(rows, place, back=back).values("pk")[:1]
            # As a row by its id, since SQLite takes no LIMIT inside a UNION.
            sides.append(self.model._default_manager.filter(pk__in=next_to_it).order_by().values("pk"))
        return [self.row(each) for each in rows.filter(pk__in=sides[0].union(sides[1], all=True))]

    def _from(self, rows: QuerySet[Any], place: Row | None, *, back: bool = False) -> QuerySet[Any]:
        descending = self.first.startswith("-") != back
        if place is not None:
            value = -place.at[0] if self.first.startswith("-") else place.at[0]
            past, further = ("lt" if descending else "gt"), ("lt" if back else "gt")
            same = Q(**{self.column: value, f"id__{further}": place.at[1]})
            # The first alone leads an index; the second says the rest.
            rows = rows.filter(
                Q(**{f"{self.column}__{past}e": value}), Q(**{f"{self.column}__{past}": value}) | same
            )
        return rows.order_by(("-" if descending else "") + self.column, "-id" if back else "id")


def _of_others(person: User, observation: str = "") -> Q:
    """Neither theirs nor brought in by them."""
    own = Q(**{f"{observation}observer": person.pk}) | Q(**{f"{observation}batch__operator": person.pk})
    return ~own


def _routed(person: User) -> QuerySet[Routing]:
    organism = Occurrence.objects.filter(
        _of_others(person, "observation__"), pk=OuterRef("occurrence"), listed=True, status__in=OPEN
    )
    return Routing.objects.filter(Probe(organism), reviewer=person, closed_at=None)


def _disputed(person: User) -> QuerySet[Occurrence]:
    sighting = Observation.objects.filter(_of_others(person), pk=OuterRef("observation"))
    return Occurrence.objects.filter(Probe(sighting), listed=True, status=Status.DISPUTED)


def _flags(person: User) -> QuerySet[Flag]:
    photo = Photo.objects.filter(
        _of_others(person, "observation__"),
        pk=OuterRef("photo"),
        observation__state=State.PUBLISHED,
        observation__discarded_at=None,
    ).exclude(owner=person.pk)
    return Flag.objects.filter(Probe(photo), resolved_at=None).select_related("by")


def _reports(person: User) -> QuerySet[CommentReport]:
    comment = Comment.objects.filter(
        _of_others(person, "observation__"),
        pk=OuterRef("comment"),
        observation__state=State.PUBLISHED,
        observation__discarded_at=None,
    ).exclude(person=person.pk)
    rows = CommentReport.objects.filter(Probe(comment), resolved_at=None)
    return rows.select_related("by", "comment__person")


def _cases(queue: str, person: User) -> QuerySet[ReviewCase]:
    organism = Occurrence.objects.filter(
        _of_others(person, "observation__"), pk=OuterRef("occurrence"), listed=True
    )
    if queue in OF_A_VERDICT:
        organism = organism.filter(status=Status.VERIFIED, agreed_taxon=OuterRef("taxon"))
    return ReviewCase.objects.filter(Probe(organism), queue=queue, closed_at=None)


QUEUES: dict[str, tuple[Source, ...]] = {
    ROUTED: (Source(Routing, _routed, "created"),),
    DISPUTED: (Source(Occurrence, _disputed, "listed_at"),),
    FLAGGED: (Source(Flag, _flags, "created"), Source(CommentReport, _reports, "created")),
    **{
        queue.value: (Source(ReviewCase, partial(_cases, queue.value), "-weight"),)
        for queue in reversed(Queue)
    },
}


def rows_after(queue: str, person: User, place: Row | None = None, count: int = 1) -> list[Row]:
    """The next in a queue after a place, or the first; one query, of what is flagged two."""
    found = [row for source in QUEUES[queue] for row in source.after(person, place, count)]
    return sorted(found, key=lambda row: row.at)[:count]


def beside(queue: str, person: User, place: Row) -> tuple[Row | None, Row | None]:
    """The one before a place and the one after it; one query, of what is flagged two."""
    found = [row for source in QUEUES[queue] for row in source.beside(person, place)]
    before = [row for row in found if row.at < place.at]
    after = [row for row in found if row.at > place.at]
    return max(before, key=lambda row: row.at, default=None), min(after, key=lambda row: row.at, default=None)


def find(queue: str, key: UUID) -> Row | None:
    """A place by its key, also of what waits no more."""
    related: dict[type[Model], tuple[str, ...]] = {
        Flag: ("by",),
        CommentReport: ("by", "comment__person"),
    }
    for source in QUEUES[queue]:
        model = source.model
        of_it = {"queue": queue} if model is ReviewCase else {}
        row = model._default_manager.select_related(*related.get(model, ())).filter(pk=key, **of_it).first()
        if row is not None:
            return source.row(row)
    return None


def counts(person: User) -> dict[str, int]:
    """Queue to how many wait in it, one more than `MOST` for any more. One query."""
    parts: list[QuerySet[Any, Any]] = []
    for queue, sources in QUEUES.items():
        for source in sources:
            rows = source.rows(person).order_by(source.first, "id")
            some = source.model._default_manager.filter(pk__in=rows.values("pk")[: MOST + 1]).order_by()
            parts.append(some.annotate(of=Value(queue)).values_list("of").annotate(count=Count("pk")))
    found = dict.fromkeys(QUEUES, 0)
    for queue, count in parts[0].union(*parts[1:], all=True):
        found[queue] = min(MOST + 1, found[queue] + count)
    return found


def said_of_count(count: int) -> str:
    return f"{MOST}+" if count > MOST else str(count)


def occurrences(rows: Iterable[Row]) -> dict[UUID, UUID]:
    """Key of each row to its occurrence; those of which none is left are left out. At most two queries."""
    found, photos, sightings = {}, {}, {}
    for row in rows:
        if isinstance(row.about, Occurrence):
            found[row.key] = row.about.pk
        elif isinstance(row.about, (ReviewCase, Routing)):
            found[row.key] = row.about.occurrence_id
        elif isinstance(row.about, Flag):
            photos[row.key] = row.about.photo_id
        else:
            sightings[row.key] = row.about.comment.observation_id
    if photos:
        links = OccurrencePhoto.objects.filter(photo__in=photos.values()).order_by(
            "-occurrence__created", "-id"
        )
        first = dict(links.values_list("photo", "occurrence"))
        found |= {key: first[photo] for key, photo in photos.items() if photo in first}
    if sightings:
        those = Occurrence.objects.filter(observation__in=sightings.values()).order_by("-created", "-id")
        of = dict(those.values_list("observation", "pk"))
        found |= {key: of[sighting] for key, sighting in sightings.items() if sighting in of}
    return found


def open_cases(occurrence: UUID) -> list[ReviewCase]:
    """All that is open about it, in whichever queue. One query."""
    rows = ReviewCase.objects.filter(occurrence=occurrence, closed_at=None)
    return list(rows.select_related("taxon").order_by("queue"))


def acts(person: User, count: int = ACTS) -> list[ReviewAct]:
    """What they did last, the newest first, undone or not. One query."""
    return list(ReviewAct.objects.filter(by=person).order_by("-created", "-id")[:count])


def last_act(person: User) -> ReviewAct | None:
    """What they would undo now. One query."""
    rows = ReviewAct.objects.filter(by=person, undone_at=None).exclude(done=[])
    return rows.order_by("-created", "-id").first()


def act_of(person: User, id: UUID) -> ReviewAct | None:
    return ReviewAct.objects.filter(by=person, pk=id).first()


def names_of(queue: str) -> str:
    """What a queue is called."""
    return {ROUTED: "Routed to me", DISPUTED: "Disputed", FLAGGED: "Flagged"}.get(queue) or Queue(queue).label


def each_queue() -> Iterator[tuple[str, str]]:
    return ((queue, names_of(queue)) for queue in QUEUES)
