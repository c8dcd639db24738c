"""What has to be true of identifications and verdicts after anything at all, asked of the rows themselves.

Runs inside Django: in the test's own process, or in a site's by `site.shell`.
"""

import json
from collections import Counter

from labeling import consensus
from labeling.models import Identification, Ruling, Verdict
from species.models import Occurrence
from species.queries import taxa


def identifications() -> dict[str, str]:
    """ "person occurrence" to the label of what stands."""
    rows = Identification.objects.filter(withdrawn_at=None).select_related("taxon")
    standing = [(f"{row.person_id} {row.occurrence_id}", row.taxon.label) for row in rows]
    twice = [key for key, times in Counter(key for key, _ in standing).items() if times > 1]
    assert not twice, f"More than one opinion stands: {twice}"
    return dict(standing)


def differences(occurrences=None) -> list[str]:
    """Where a verdict is not the function of what stands; a line for each, so none when all is well."""
    tree = taxa.tree()
    rows = Occurrence.objects.select_related("observation")
    if occurrences is not None:
        rows = rows.filter(pk__in=[each.pk for each in occurrences])
    return [line for row in rows for line in _differences(row, tree)]


def _differences(occurrence: Occurrence, tree) -> list[str]:
    said = list(Identification.objects.filter(occurrence=occurrence, withdrawn_at=None))
    uploader = occurrence.observation.observer_id
    votes = [
        consensus.Vote(
            person=str(each.person_id),
            taxon=str(each.taxon_id),
            is_uploader=each.person_id == uploader,
            disagrees_with=each.disagrees_with_id and str(each.disagrees_with_id),
            cannot_improve=each.cannot_improve,
        )
        for each in said
    ]
    outcome = consensus.decide(votes, tree, ruling=_ruling(occurrence, said))
    expected = (outcome.status, outcome.taxon and str(outcome.taxon))
    on_row = (occurrence.status, occurrence.agreed_taxon_id and str(occurrence.agreed_taxon_id))
    exported = outcome.exported and str(outcome.exported)
    lines = []
    if on_row != expected:
        lines.append(f"occurrence {occurrence.pk} says {on_row}, what stands says {expected}")
    if (occurrence.exported_taxon_id and str(occurrence.exported_taxon_id)) != exported:
        lines.append(f"occurrence {occurrence.pk} hands on {occurrence.exported_taxon_id}, not {exported}")
    verdict = Verdict.objects.filter(occurrence=occurrence).first()
    if verdict is not None:
        explained = (verdict.status, verdict.taxon_id and str(verdict.taxon_id))
        if explained != expected:
            lines.append(f"verdict of {occurrence.pk} says {explained}, what stands says {expected}")
    elif Identification.objects.filter(occurrence=occurrence).exists():
        lines.append(f"occurrence {occurrence.pk} was spoken of and has no verdict")
    return lines


def _ruling(occurrence: Occurrence, said: list[Identification]) -> consensus.Ruling | None:
    """The one on the occurrence; else what the one trusted source says. These tests have no second source."""
    own = Ruling.objects.filter(occurrence=occurrence, withdrawn_at=None).first()
    if own is not None:
        return consensus.Ruling(own.taxon_id and str(own.taxon_id), str(own.reviewer_id), own.reason)
    for trust in Ruling.objects.filter(source__isnull=False, withdrawn_at=None):
        for each in said:
            if each.person_id == trust.source_id:
                return consensus.Ruling(str(each.taxon_id), str(trust.reviewer_id), trust.reason)
    return None


def report() -> None:
    """All of it as JSON on standard output, for `site.shell`."""
    counted = {"verdicts": Verdict.objects.count()}
    print(json.dumps({"opinions": identifications(), "differences": differences()} | counted))
