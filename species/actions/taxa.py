"""Every write about the tree of names."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from jobs.actions import enqueue
from jobs.models import Job
from species.models import Occurrence, Taxon
from species.taxonomy.taxa_file import BadTaxa, Entry, TaxaFile

COPIED = (
    "scientific_name",
    "authorship",
    "rank",
    "label",
    "common_names",
    "gbif_key",
    "col_key",
    "provisional",
    "sensitive",
    "description",
)

LINKS = ("parent", "second_parent", "synonym_of")
MOVING = ("sensitive", *(f"{link}_id" for link in LINKS))


@dataclass(frozen=True)
class Loaded:
    added: int
    changed: int
    unchanged: int
    # Those whose sensitivity or place in the tree changed; what was said of them is settled anew.
    moved: list[Taxon]


def settle_later(*, taxa: Iterable[Taxon], by=None) -> Job | None:
    """A job that decides anew about everything named as one of these taxa or under one, places included.

    For a change of what they descend from or of how they are protected, in the transaction that makes it.
    None where there is nothing to decide about.
    """
    ids = sorted(str(taxon.pk) for taxon in taxa)
    if not ids or not Occurrence.objects.exists():
        return None
    return enqueue(
        kind="settle_taxa", arguments={"taxa": ids}, by=by, title="Settle anew what a change of names touches"
    )


@transaction.atomic
def load(*, file: TaxaFile) -> Loaded:
    """Bring the tree to what the file says, all of it or nothing; taxa the file does not name stay.

    A taxon that is here under the same scientific name keeps its id, so that opinions keep their meaning.
    What the change touches is settled anew by a job. Raises BadTaxa naming the line when the file
    contradicts what is here.
    """
    here = {taxon.scientific_name: taxon for taxon in Taxon.objects.all()}
    labels = {taxon.label: taxon for taxon in here.values()}
    added = changed = 0
    moved = []
    for entry in file.entries:
        taxon = here.get(entry.scientific_name)
        holder = labels.get(entry.label)
        if holder is not None and holder is not taxon:
            raise BadTaxa(
                f"Line {entry.line} ({entry.scientific_name}): the label {entry.label!r} is "
                f"{holder.scientific_name}'s here."
            )
        new = taxon is None
        if taxon is None:
            taxon = Taxon(id=entry.id)
        values = _values(entry, here, file.citation)
        if not new and all(getattr(taxon, name) == value for name, value in values.items()):
            continue
        if not new and any(getattr(taxon, name) != values[name] for name in MOVING):
            moved.append(taxon)
        labels.pop(taxon.label, None)
        for name, value in values.items():
            setattr(taxon, name, value)
        try:
            taxon.full_clean(validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            raise BadTaxa(f"Line {entry.line} ({entry.scientific_name}): {error.messages[0]}") from error
        taxon.save(force_insert=new)
        here[entry.scientific_name] = labels[entry.label] = taxon
        added, changed = added + new, changed + (not new)
    settle_later(taxa=moved)
    return Loaded(added, changed, len(file.entries) - added - changed, moved)


def _values(entry: Entry, here: dict[str, Taxon], citation: str) -> dict:
    return (
        {name: getattr(entry, name) for name in COPIED}
        | {f"{link}_id": here[named].pk if (named := getattr(entry, link)) else None for link in LINKS}
        | {"source": citation[:200]}
    )
