"""Names of taxa as pages show them: tags, and the taxa that a verdict's explanation names."""

from collections.abc import Iterable
from uuid import UUID

from labeling.models import Verdict
from labeling.presenters.verdicts import explained
from species.models import Taxon

NO_NAME = "Not named yet"


def names(verdicts: Iterable[Verdict], known: Iterable[Taxon | None] = ()) -> dict[UUID, Taxon]:
    """Taxa that explanations speak of. One query, or none where all are known."""
    found = {taxon.pk: taxon for taxon in known if taxon is not None}
    missing = spoken_of(verdicts) - found.keys()
    return found | (Taxon.objects.in_bulk(missing) if missing else {})


def spoken_of(verdicts: Iterable[Verdict]) -> set[UUID]:
    """Ids of what explanations speak of."""
    read = filter(None, map(explained, verdicts))
    return {UUID(id) for explanation in read for id in explanation.taxa()}


def taxon(each: Taxon, kind: str = "") -> dict:
    """Context of `parts/taxon.html`."""
    return {
        "name": each.common_name,
        "scientific": each.scientific_name,
        "url": each.get_absolute_url(),
        "kind": kind,
    }
