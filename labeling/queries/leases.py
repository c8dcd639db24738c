"""What is handed out next to one person, what of it is still out, and what a reviewer says of those they tried on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from accounts.models import User
from labeling.models import Identification, Lease, Pass, Ruling, Verdict
from labeling.queries import room
from labeling.queries.quality import species_of
from labeling.queries.sets import unanswered_by
from species.models import Occurrence, Status, Taxon
from species.queries import field_marks, taxa
from species.taxonomy.field_marks import Mark
from species.taxonomy.tree import Tree

#: Read at once: others may take what is read before it is taken.
CHUNK = 10
#: Rulings among which one to try somebody on is looked for, from any place in their order on.
DRAWN = 20


def out(now: datetime) -> QuerySet[Lease]:
    """Those that somebody may still answer."""
    said = Identification.objects.filter(
        occurrence=OuterRef("occurrence"), person=OuterRef("person"), withdrawn_at=None
    )
    passed = Pass.objects.standing().filter(occurrence=OuterRef("occurrence"), person=OuterRef("person"))
    return Lease.objects.filter(~Exists(said), ~Exists(passed), until__gt=now)


def held(person: User, now: datetime) -> int:
    """How many one has in hand."""
    return out(now).filter(person=person).count()


def had(person: User, path: str = "pk") -> Exists:
    """Whether it was handed to them before."""
    return Exists(Lease.objects.filter(occurrence=OuterRef(path), person=person))


def next_for(person: User, found: QuerySet[Occurrence] | None, now: datetime) -> QuerySet[Occurrence]:
    """What needs `person` in the order of the labeling room, but for what they were handed before and what as many
    have in hand as it takes."""
    full = Exists(out(now).filter(occurrence=OuterRef("pk"), fills=True))
    return room.queue(person, found).filter(~had(person), ~full)


def standing_of(locked: Occurrence, person: User, now: datetime) -> tuple[Verdict | None, int, bool]:
    """Its verdict, how many have it in hand as something that waits, and whether `person` ever had it. One query."""
    theirs = out(now).filter(occurrence=OuterRef("pk"), is_gold=False).order_by()
    count = theirs.values("occurrence").annotate(count=Count("pk")).values("count")
    rows: QuerySet[Any] = Occurrence.objects.filter(pk=locked.pk).select_related("verdict")
    row: Any = rows.annotate(out=Coalesce(Subquery(count), 0), had=had(person)).get()
    return getattr(row, "verdict", None), row.out, row.had


def gold_for(person: User) -> Occurrence | None:
    """One that another reviewer ruled is a species, that `person` may say something of and has not: drawn by chance.
    Three queries at most."""
    start, tree = uuid4(), taxa.tree()
    rulings = Ruling.objects.filter(withdrawn_at=None, occurrence__isnull=False, taxon__isnull=False)
    rulings = rulings.exclude(reviewer=person).order_by("pk")
    for part in (rulings.filter(pk__gte=start), rulings.filter(pk__lt=start)):
        drawn = [
            occurrence
            for occurrence, taxon in part.values_list("occurrence", "taxon")[:DRAWN]
            if str(taxon) in tree and tree.at_or_below_species(str(taxon))
        ]
        mine = room.askable(person).filter(unanswered_by(person), ~had(person), pk__in=drawn, shown=True)
        found = mine.filter(status=Status.VERIFIED).order_by("pk").first() if drawn else None
        if found is not None:
            return found
    return None


@dataclass(frozen=True)
class Feedback:
    """What a reviewer ruled on an organism that somebody was tried on, and whether they said so: None where they said
    no more than a group of it, or nothing. `marks` tell it, those first that what they said has not."""

    taxon: Taxon
    reason: str
    right: bool | None
    marks: list[Mark]


def is_answered(lease: Lease) -> bool:
    """Whether its person has named it, or gone on without a name."""
    mine = {"occurrence": lease.occurrence_id, "person": lease.person_id, "withdrawn_at": None}
    return Identification.objects.filter(**mine).exists() or Pass.objects.standing().filter(**mine).exists()


def feedback(lease: Lease) -> Feedback | None:
    """Of one that is answered; None where no ruling stands. Four queries at most."""
    ruling = Ruling.objects.filter(occurrence=lease.occurrence_id, withdrawn_at=None).first()
    if ruling is None or ruling.taxon is None:
        return None
    said = Identification.objects.filter(
        occurrence=lease.occurrence_id, person=lease.person_id, withdrawn_at=None
    ).first()
    tree = taxa.tree()
    taxon = taxa.accepted(ruling.taxon)
    names = [taxon.pk, *([said.taxon_id] if said else [])]
    marks = field_marks.of(names, tree)
    theirs = {each.mark for each in marks.get(said.taxon_id, [])} if said else set[str]()
    own = sorted(marks.get(taxon.pk, []), key=lambda each: each.mark in theirs)
    right = None if said is None else _agrees(str(said.taxon_id), str(taxon.pk), tree)
    return Feedback(taxon, ruling.reason, right, own)


def _agrees(said: str, ruled: str, tree: Tree) -> bool | None:
    """By their species; None for a name of a group."""
    mine = species_of(tree, said)
    return None if mine is None else mine == species_of(tree, ruled)


def tried(since: datetime) -> QuerySet[Any, tuple[UUID, UUID]]:
    """Names that were given to what people were tried on, without anything of others or a model in sight, and what is
    ruled of each. One query."""
    said = Identification.objects.filter(
        occurrence=OuterRef("occurrence"),
        person=OuterRef("person"),
        created__gte=OuterRef("created"),
        others_on_screen=False,
        model_on_screen="",
    ).order_by("created", "id")
    ruled = Ruling.objects.filter(occurrence=OuterRef("occurrence"), withdrawn_at=None, taxon__isnull=False)
    # Who went on without a name was told then, and knows.
    passed = Pass.objects.filter(occurrence=OuterRef("occurrence"), person=OuterRef("person"))
    rows = Lease.objects.filter(~Exists(passed), is_gold=True, created__gte=since).order_by()
    return (
        rows.annotate(
            said=Subquery(said.values("taxon")[:1], output_field=UUIDField()),
            ruled=Subquery(ruled.values("taxon")[:1], output_field=UUIDField()),
        )
        .filter(said__isnull=False, ruled__isnull=False)
        .values_list("said", "ruled")
    )
