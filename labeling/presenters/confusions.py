"""Names that are taken for one another, side by side: photos, what people point at on them, and words."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from labeling.models import FieldMark
from labeling.presenters import field_marks
from labeling.queries import confusions
from labeling.queries import field_marks as field_marks_queries
from species.models import Photo, Taxon
from species.presenters.plates import plate
from species.queries import field_marks as taxon_marks
from species.queries import taxa as taxon_queries
from species.taxonomy.field_marks import Mark, differing_first
from species.taxonomy.tree import Tree


def compared(taxa: Sequence[Taxon], tree: Tree) -> list[dict]:
    """A column for each: up to two photos with numbered points, and its marks, in the same numbers, those first that
    differ. Two or three queries a name, and one for the words.
    """
    marks = taxon_marks.of([each.pk for each in taxa], tree)
    columns = differing_first(marks[each.pk] for each in taxa)
    alike = (
        set.intersection(*({each.mark for each in column} for column in columns)) if len(taxa) > 1 else set()
    )
    return [_column(taxon, column, alike, tree) for taxon, column in zip(taxa, columns, strict=True)]


def _column(taxon: Taxon, marks: Sequence[Mark], alike: set[str], tree: Tree) -> dict:
    numbers = {each.mark: number for number, each in enumerate(marks, start=1)}
    inside = taxon_queries.descendants(taxon, tree)
    found = best_photos({UUID(each.of) for each in marks}, inside, numbers)
    photos = confusions.photos_of(inside, [photo for photo, _ in found])
    points = {photo.pk: each for photo, each in found}
    return {
        "name": taxon.name,
        "scientific": taxon.scientific_name if taxon.common_name else "",
        "url": taxon.get_absolute_url(),
        "photos": [
            {
                "photo": plate(each, alt=taxon.name, sizes="(min-width: 64rem) 30vw, 90vw"),
                "points": points.get(each.pk, []),
            }
            for each in photos
        ],
        "marks": [
            {"number": numbers[each.mark], "mark": each.mark, "view": each.view, "alike": each.mark in alike}
            for each in marks
        ],
    }


def best_photos(
    owners: set[UUID], inside: Sequence[UUID], numbers: Mapping[str, int]
) -> list[tuple[Photo, list[dict]]]:
    """Those on which people point at the most of these marks, with the numbered points. At most one query."""
    rows = field_marks_queries.examples(owners, inside) if owners else []
    on: dict[UUID, dict[str, FieldMark]] = defaultdict(dict)
    for row in rows:
        if row.mark in numbers:
            on[row.photo_id].setdefault(row.mark, row)
    best = sorted(on.values(), key=lambda found: -len(found))
    return [
        (photo, _points(found, numbers)) for found in best for photo in [next(iter(found.values())).photo]
    ]


def _points(found: Mapping[str, FieldMark], numbers: Mapping[str, int]) -> list[dict]:
    return [
        field_marks.pointer(numbers[mark], at)
        for mark, row in found.items()
        if (at := field_marks_queries.on_what_is_shown(row, row.photo)) is not None
    ]
