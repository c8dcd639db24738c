"""What tests of field marks share: names with marks, and a point."""

from labeling.actions import field_marks
from labeling.models import FieldMark
from species.actions import taxa
from species.models import Taxon

SLASH = "red slash under the jaw"
BAND = "pink band along the side"
SPOTS = "tail spotted all over"
BARE = "tail almost bare"
FATTY = "small fatty fin"

JAW, FLANK, TAIL, BACK = "the jaw from below", "the flank", "the tail from the side", "the back from the side"
MARKS = {
    "salmonidae": [(FATTY, BACK)],
    "cutthroat_trout": [(SLASH, JAW), (SPOTS, TAIL)],
    "rainbow_trout": [(BAND, FLANK), ("no slash under the jaw", JAW), (SPOTS, TAIL)],
    "brown_trout": [(BARE, TAIL), ("spots with pale rings", FLANK)],
}


def give_marks(tree: dict[str, Taxon], ada) -> None:
    for label, marks in MARKS.items():
        tree[label].field_marks = [{"mark": mark, "view": view} for mark, view in marks]
        taxa.save(taxon=tree[label], by=ada)


def point(occurrence, photo, by, mark=SLASH, x=0.25, y=0.5, taxon=None, **more) -> FieldMark:
    return field_marks.point(
        occurrence=occurrence, photo=photo, mark=mark, x=x, y=y, taxon=taxon, by=by, **more
    )
