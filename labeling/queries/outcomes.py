"""What words and rulings add up to: from rows to the pure rule of `labeling.consensus`, and back."""

from collections.abc import Iterable
from uuid import UUID

from labeling import consensus
from labeling.models import Identification, Ruling
from labeling.queries import reliability
from species.models import Occurrence
from species.taxonomy.tree import Tree


def outcome(
    occurrence: Occurrence,
    rows: list[Identification],
    standing: list[Ruling],
    tree: Tree,
    table: consensus.Reliability,
) -> tuple[consensus.Outcome, consensus.Ruling | None]:
    """What these identifications and rulings add up to, and the ruling or trust that made it.

    `rows`: what is said of it, with what `identifications.as_votes` adds; `standing` may hold rulings on others, too.
    """
    uploader = occurrence.observation.observer_id
    votes = [
        consensus.Vote(
            person=str(row.person_id),
            taxon=str(row.taxon_id),
            is_uploader=row.person_id == uploader,
            disagrees_with=None if row.disagrees_with_id is None else str(row.disagrees_with_id),
            cannot_improve=row.cannot_improve,
            anchored=bool(row.model_on_screen or row.others_on_screen),
            **_kin(row, table),
        )
        for row in rows
    ]
    people = [row.person_id for row in rows]
    about_it = [each for each in standing if each.occurrence_id == occurrence.pk or each.source_id in people]
    own, trusts = _rulings(about_it, uploader)
    ruling = own or _by_trust(trusts, {row.person_id: str(row.taxon_id) for row in rows}, tree)
    return consensus.decide(votes, tree, table, ruling), ruling


def table_for(rows: Iterable[Identification], tree: Tree) -> consensus.Reliability:
    """What is known of everybody who said these (see `identifications.as_votes`). No query where nobody is measured."""
    rows = list(rows)
    version = rows[0].table_version if rows else reliability.current()  # type: ignore[attr-defined]  # annotated
    return reliability.table({row.person_id for row in rows}, tree, version or "")


def _kin(row: Identification, table: consensus.Reliability) -> dict[str, str | None]:
    """Whom its person is not independent of: nobody, once others found them right often enough."""
    if str(row.person_id) in table.known:
        return {}
    return {key: getattr(row, key) or None for key in ("household", "burst")}


def _rulings(standing: list[Ruling], uploader: UUID) -> tuple[consensus.Ruling | None, list[Ruling]]:
    """The ruling on the occurrence itself, and the trusts; none of them by the uploader."""
    standing = [ruling for ruling in standing if ruling.reviewer_id != uploader]
    own = next((ruling for ruling in standing if ruling.occurrence_id is not None), None)
    trusts = [ruling for ruling in standing if ruling.source_id is not None]
    if own is None:
        return None, trusts
    taxon = None if own.taxon_id is None else str(own.taxon_id)
    return consensus.Ruling(taxon, str(own.reviewer_id), own.reason), trusts


def _by_trust(trusts: list[Ruling], said: dict[UUID | None, str], tree: Tree) -> consensus.Ruling | None:
    """What trusted sources say counts as ruled; where two of them differ, neither does."""
    names = {tree.accepted(said[trust.source_id]) for trust in trusts}
    if len(names) != 1:
        return None
    first = min(trusts, key=lambda trust: (trust.created, trust.pk))
    return consensus.Ruling(names.pop(), str(first.reviewer_id), first.reason, trust=True)
