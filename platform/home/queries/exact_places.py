"""Who was let see the exact places of one person's sightings, by which grant, for what and until when."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts import scopes
from accounts.models import Grant, Role, User
from species.access import observation_scope
from species.models import Observation, Occurrence, Taxon
from species.queries import taxa

CHUNK = 500
# Grants on single sightings that are looked through, the newest first.
MOST = 20_000


@dataclass(frozen=True)
class Given:
    """`of`: the taxon, or the sighting, or None for all; `count`: how many sightings of theirs that is today."""

    grant: Grant
    of: Taxon | Observation | None
    count: int
    stands: bool


def grants_on(person: User) -> QuerySet[Grant]:
    """Grants that cover sightings of theirs, the newest first; those that ended, too. Not their own."""
    own = Observation.objects.filter(observer=person).exclude(published_at=None)
    covering = {*_of_taxa(person), *_of_sightings(person)}
    if own.exists():
        covering.add(scopes.ALL)
    rows = Grant.objects.filter(scope__in=covering).exclude(user=person)
    return rows.select_related("user", "granted_by").order_by("-created", "-id")


def _agreed(person: User) -> Counter[str]:
    """Taxon to how many sightings of theirs are agreed to show it."""
    rows = Occurrence.objects.filter(
        observation__observer=person, observation__published_at__isnull=False, agreed_taxon__isnull=False
    )
    counted = (
        rows.order_by().values_list("agreed_taxon").annotate(sightings=Count("observation", distinct=True))
    )
    return Counter({str(taxon): count for taxon, count in counted})


def _of_taxa(person: User) -> Counter[str]:
    """Scope to how many: of what is agreed, and of everything above that."""
    tree, found = taxa.tree(), Counter[str]()
    for taxon, count in _agreed(person).items():
        for above in {taxon, *tree.lineage(taxon)}:
            found[f"taxon:{above}"] += count
    return found


def _of_sightings(person: User) -> Iterator[str]:
    rows = Grant.objects.filter(scope__startswith="observation:").order_by("-created")
    ids = list(rows.values_list("scope", flat=True)[:MOST])
    for first in range(0, len(ids), CHUNK):
        some = [UUID(scope.partition(":")[2]) for scope in ids[first : first + CHUNK]]
        own = Observation.objects.filter(pk__in=some, observer=person).values_list("pk", flat=True)
        yield from map(observation_scope, own)


def described(person: User, grants: list[Grant]) -> list[Given]:
    """What each of these says, of `grants_on`. Five queries, however many they are."""
    ids: dict[str, list[UUID]] = {"taxon": [], "observation": []}
    for each in grants:
        kind, _, id = each.scope.partition(":")
        if kind in ids:
            ids[kind].append(UUID(id))
    named: dict[str, Taxon | Observation] = {}
    named |= {f"taxon:{pk}": each for pk, each in Taxon.objects.in_bulk(ids["taxon"]).items()}
    sightings = Observation.objects.in_bulk(ids["observation"])
    named |= {observation_scope(pk): each for pk, each in sightings.items()}
    counts = _of_taxa(person)
    counts[scopes.ALL] = Observation.objects.filter(observer=person).exclude(published_at=None).count()
    now = timezone.now()
    found = []
    for each in grants:
        of = named.get(each.scope)
        stands = each.revoked_at is None and (each.until is None or each.until > now)
        found.append(Given(each, of, 1 if isinstance(of, Observation) else counts[each.scope], stands))
    return found


def staff() -> dict[str, int]:
    """How many people see every published sighting whole, by their role."""
    rows = User.objects.filter(role__in=(Role.REVIEWER, Role.ADMIN), is_active=True).order_by()
    return dict(rows.values_list("role").annotate(count=Count("pk")))
