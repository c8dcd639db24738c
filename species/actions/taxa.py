"""Every write about the tree of names. None leaves behind a tree that contradicts itself.

What follows from a change elsewhere is found by query: verdicts and suggestions of another tree version.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from jobs.actions import enqueue
from jobs.models import Job
from species.models import Occurrence, Taxon, TaxonChange, TaxonEdit
from species.queries import taxa as taxon_queries
from species.taxonomy.faults import Facts, introduced
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
    "field_marks",
)

LINKS = ("parent", "second_parent", "synonym_of")
# What an edit can change of a name; a history says all of it.
EDITED = (*COPIED, "source", *LINKS)
MOVING = ("sensitive", *(f"{link}_id" for link in LINKS))


@dataclass(frozen=True)
class Loaded:
    added: int
    changed: int
    unchanged: int
    # Those here before whose sensitivity or place in the tree changed; what was said of them is settled anew.
    moved: list[Taxon]


def settle_later(*, taxa: Iterable[Taxon], by: User | None = None) -> Job | None:
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
def save(*, taxon: Taxon, by: User) -> Taxon:
    """Write a taxon that was made or changed; what a change touches is settled anew by a job.

    Raises PermissionDenied, ValidationError by field.
    """
    if not by.is_admin:
        raise PermissionDenied("Only an admin changes names.")
    check(taxon=taxon)
    taxon.full_clean(validate_constraints=False)  # the constraints say the same as `check`, in no words
    former = Taxon.objects.select_related(*LINKS).filter(pk=taxon.pk).first()
    before = {} if former is None else said(former)
    taxon.save()
    write_edit(taxon, before, by=by)
    if former is not None and any(getattr(former, name) != getattr(taxon, name) for name in MOVING):
        settle_later(taxa=[taxon], by=by)
    return taxon


def said(taxon: Taxon) -> dict[str, Any]:
    """All that an edit can change of a name, as JSON; other taxa by their scientific names."""
    links = {link: getattr(taxon, link) for link in LINKS}
    return {name: getattr(taxon, name) for name in EDITED if name not in links} | {
        link: None if other is None else other.scientific_name for link, other in links.items()
    }


def write_edit(
    taxon: Taxon, before: dict[str, Any], *, by: User | None, change: TaxonChange | None = None
) -> TaxonEdit | None:
    """A row of its history, in the transaction that wrote it; none where it says what it said. Of a new name
    `before` is empty, and `after` what it says.
    """
    row = _edit(taxon, before)
    if row is not None:
        row.by, row.change = by, change
        row.save(force_insert=True)
    return row


def _edit(taxon: Taxon, before: dict[str, Any]) -> TaxonEdit | None:
    now = said(taxon)
    names = (
        [name for name in now if before[name] != now[name]] if before else [name for name in now if now[name]]
    )
    if not names:
        return None
    return TaxonEdit(
        taxon=taxon,
        before={name: before[name] for name in names} if before else {},
        after={name: now[name] for name in names},
    )


@transaction.atomic
def check(*, taxon: Taxon) -> None:
    """Whether the tree would hold together with this taxon as it is given; nothing is written.

    Inside a transaction the tree is held until that ends. Raises ValidationError by field.
    """
    if taxon.common_names is None:
        taxon.common_names = {}
    if taxon.field_marks is None:
        taxon.field_marks = []
    before = hold()
    after = before | {taxon.pk: _facts(taxon)}
    refusals: dict[str, list[str]] = {}
    for fault in introduced(before.values(), after.values()):
        field = fault.field if fault.taxon == taxon.pk else NON_FIELD_ERRORS
        refusals.setdefault(field, []).append(fault.text)
    if refusals:
        raise ValidationError(refusals)


@transaction.atomic
def load(*, file: TaxaFile) -> Loaded:
    """Bring the tree to what the file says, all of it or nothing; taxa the file does not name stay.

    A taxon that is here under the same scientific name keeps its id, so that identifications keep their meaning.
    What the change touches is settled anew by a job. Raises BadTaxa naming the line when the file contradicts
    itself or what is here.
    """
    before = hold()
    rows = list(Taxon.objects.all())
    here = {taxon.scientific_name: taxon for taxon in rows}
    ids = {taxon.pk: taxon for taxon in rows}
    names = [entry.scientific_name for entry in file.entries]
    given = {name: here[name] for name in names if name in here}
    taken = {taxon.pk for taxon in given.values()}
    fresh = set()
    for entry in file.entries:
        if entry.scientific_name in given:
            continue
        # Under its id it may have been given another name here.
        taxon = ids.get(entry.id)
        if taxon is None or taxon.pk in taken:
            taxon = Taxon(id=entry.id if taxon is None else uuid5(entry.id, entry.scientific_name))
            fresh.add(taxon)
        taken.add(taxon.pk)
        given[entry.scientific_name] = here[entry.scientific_name] = taxon
    changed, moved, former = {}, [], {}
    for entry in file.entries:
        taxon, values = given[entry.scientific_name], _values(entry, here, file.citation)
        if taxon not in fresh and all(getattr(taxon, name) == value for name, value in values.items()):
            continue
        if taxon not in fresh and any(getattr(taxon, name) != values[name] for name in MOVING):
            moved.append(taxon)
        if taxon not in fresh:
            former[taxon] = {name: getattr(taxon, name) for name in values}
        for name, value in values.items():
            setattr(taxon, name, value)
        changed[taxon] = entry
    _refuse(before, changed)
    # A label may be one that another taxon gives up only here.
    for taxon in changed:
        if taxon not in fresh and taxon.label != before[taxon.pk].label:
            Taxon.objects.filter(pk=taxon.pk).update(label=f"moving_{taxon.pk.hex}")
    Taxon.objects.bulk_create([taxon for taxon in changed if taxon in fresh])
    for taxon in changed:
        if taxon not in fresh:
            taxon.save()
    _write_batch(former, {taxon.pk: taxon.scientific_name for taxon in (*rows, *fresh)}, file.citation[:200])
    settle_later(taxa=moved)
    return Loaded(len(fresh), len(changed) - len(fresh), len(file.entries) - len(changed), moved)


def _write_batch(former: dict[Taxon, dict[str, Any]], names: dict[UUID, str], source: str) -> None:
    """A row for each that was here before and that the file changed. What it brought anew says so itself."""
    batch, written = uuid4(), []
    for taxon, values in former.items():
        sides = [values, {name: getattr(taxon, name) for name in values}]
        changed = [name for name in values if sides[0][name] != sides[1][name]]
        before, after = (
            {
                name.removesuffix("_id"): names.get(side[name]) if name.endswith("_id") else side[name]
                for name in changed
            }
            for side in sides
        )
        written.append(TaxonEdit(taxon=taxon, batch=batch, source=source, before=before, after=after))
    TaxonEdit.objects.bulk_create(written)


def _refuse(before: dict[UUID, Facts], changed: dict[Taxon, Entry]) -> None:
    lines: dict[object, Entry] = {taxon.pk: entry for taxon, entry in changed.items()}
    after = before | {taxon.pk: _facts(taxon) for taxon in changed}
    for fault in introduced(before.values(), after.values()):
        entry = lines.get(fault.taxon)
        raise BadTaxa(_at(entry, fault.text) if entry else fault.text)
    for taxon, entry in changed.items():
        try:
            taxon.full_clean(exclude=LINKS, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            raise BadTaxa(_at(entry, error.messages[0])) from error


def _at(entry: Entry, text: str) -> str:
    return f"Line {entry.line} ({entry.scientific_name}): {text}"


def hold() -> dict[UUID, Facts]:
    """Every taxon as it is, held until the transaction ends: two edits that are sound alone may not be together.

    Whoever names something meanwhile is not held up.
    """
    list(Taxon.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    return taxon_queries.facts()


def _facts(taxon: Taxon) -> Facts:
    links = {link: getattr(taxon, f"{link}_id") for link in LINKS}
    return Facts(**{name: links[name] if name in links else getattr(taxon, name) for name in Facts._fields})


def _values(entry: Entry, here: dict[str, Taxon], citation: str) -> dict[str, Any]:
    links = {}
    for link in LINKS:
        named = getattr(entry, link)
        if named and named not in here:
            raise BadTaxa(_at(entry, f"nothing here is called {named!r}."))
        links[f"{link}_id"] = here[named].pk if named else None
    return {name: getattr(entry, name) for name in COPIED} | links | {"source": citation[:200]}
