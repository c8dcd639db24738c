"""Where people point on a photo, in numbers on it and words beside it; and which photo would tell names apart."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from accounts.models import User
from labeling.forms.field_marks import PointForm, choices
from labeling.models import FieldMark
from labeling.presenters import wording
from labeling.queries import field_marks as queries
from labeling.queries.observations import ObservationPage
from labeling.queries.room import likely
from species.models import Occurrence, Photo, Status, Taxon
from species.presenters.plates import rendition_url
from species.queries import field_marks as taxon_marks
from species.queries.names import Names, Unknown
from species.taxonomy.field_marks import Mark, to_look_at

CROPPED_FROM = 1008  # the rendition, in pixels
CROPPED = 0.6  # of its shorter side
# From a point to the number that stands beside it, in fractions of the photo.
ASIDE, ABOVE = 0.05, 0.15
EDGE = 0.05


def listed(rows: Iterable[FieldMark], photo: Photo, person=None, whole: bool = False) -> list[dict]:
    """What people point at on one photo, numbered: the words, who, where on what is shown, and one's own to take back.

    The same words are one number, with a point for each person.
    """
    found: dict[str, dict] = {}
    for row in rows:
        if row.photo_id != photo.pk:
            continue
        own = person is not None and row.person_id == person.pk
        entry = found.setdefault(
            row.mark,
            {"number": len(found) + 1, "mark": row.mark, "taxon": None, "who": [], "points": [], "own": None},
        )
        entry["taxon"] = entry["taxon"] or row.taxon
        entry["who"].append("you" if own else str(row.person))
        entry["own"] = row.pk if own else entry["own"]
        at = queries.on_what_is_shown(row, photo, whole)
        # One's own is told to oneself, but there is no place for it on a picture that does not show it.
        if at is not None:
            entry["points"].append(at)
    for entry in found.values():
        # For scripts: x,y and a space between.
        entry["at"] = " ".join(f"{x:.5f},{y:.5f}" for x, y in entry["points"])
    return list(found.values())


def points(entries: Iterable[dict]) -> list[dict]:
    """What `parts/marks.html` draws."""
    return [pointer(each["number"], at) for each in entries for at in each["points"]]


def pointer(number: int, at: tuple[float, float]) -> dict:
    x, y = at
    aside = ASIDE if (x < 0.5) == (number % 2 == 1) else -ASIDE
    above = ABOVE if y >= 0.5 else -ABOVE
    return {
        "number": number,
        "x": x,
        "y": y,
        "at_x": min(1 - EDGE, max(EDGE, x + aside)),
        "at_y": min(1 - EDGE, max(EDGE, y + above)),
    }


def names_said(page: ObservationPage) -> dict[UUID, Taxon]:
    """What is agreed here, and what people say that stands."""
    agreed = [each.agreed_taxon for each in page.occurrences if each.agreed_taxon]
    said = [
        each.taxon for rows in page.identifications.values() for each in rows if each.withdrawn_at is None
    ]
    return {each.pk: each for each in (*agreed, *said)}


def others_point(page: ObservationPage, shown: Photo | None, occurrence: UUID, person) -> bool:
    """Whether somebody else's words about it are read beside the photo in view."""
    own = person.pk if person is not None else None
    on_it = (each for each in page.field_marks if shown is not None and each.photo_id == shown.pk)
    return any(each.occurrence_id == occurrence and each.person_id != own for each in on_it)


def pointed(
    page: ObservationPage,
    shown: Photo,
    person,
    names: Mapping[UUID, Taxon],
    of_taxa: Mapping[UUID, Sequence[Mark]],
    may_say: bool,
    bound: dict,
) -> dict:
    """Context of `labeling/_field_marks.html`: what people point at on the photo in view, and one's own turn."""
    entries = listed(page.field_marks, shown, person, page.exact)
    form = bound.get(("point", shown.pk))
    if form is None and may_say:
        form = PointForm(photo=shown, whole=page.exact)
    if form is not None:
        form.fields["mark"].widget.choices = choices(list(names.values()), of_taxa)
    on_it = [
        (number, each.pk)
        for number, each in enumerate(page.occurrences, start=1)
        if (each.pk, shown.pk) in page.seen_on
    ]
    return {
        "entries": [each | {"whose": whose(each)} for each in entries],
        "points": points(entries),
        "form": form if on_it else None,
        "organisms": on_it if len(on_it) > 1 else [],
    }


def look_next(
    status: str,
    names: Collection[UUID],
    marks: Mapping[UUID, Sequence[Mark]],
    rows: Iterable[FieldMark],
    occurrence: UUID,
) -> str:
    """Which photo would help, from what the names that were given show where nobody pointed; empty where it has a name,
    or nothing is known that would.
    """
    if status not in (Status.NEEDS_ID, Status.DISPUTED) or not names:
        return ""
    pointed = {row.mark for row in rows if row.occurrence_id == occurrence}
    views = to_look_at([marks.get(each, []) for each in names], pointed)
    if not views:
        return ""
    return f"A photo of {views[0]} would {'settle it' if len(names) > 1 else 'help'}."


def whose(entry: Mapping) -> str:
    """A line under the words: of which name, and who points at it."""
    name = f"{wording.said(entry['taxon'])}, " if entry["taxon"] else ""
    return f"{name}{', '.join(entry['who'])}"


def examples(marks: Sequence[Mark], inside: Collection[UUID]) -> list[dict]:
    """The marks of a taxon, each with the best photo of it cropped around the point, where there is one: on which most
    people point at it, then the largest, then the newest. One query.
    """
    rows = queries.examples({UUID(each.of) for each in marks}, inside) if marks else []
    people = Counter((row.mark, row.photo_id) for row in rows)
    best: dict[str, FieldMark] = {}
    for row in rows:  # the newest first, and of those as good the first stays
        if row.mark not in best or _worth(row, people) > _worth(best[row.mark], people):
            best[row.mark] = row
    return [
        {"mark": each.mark, "view": each.view, "crop": crop(best[each.mark]) if each.mark in best else None}
        for each in marks
    ]


def _worth(row: FieldMark, people: Mapping[tuple[str, UUID], int]) -> tuple[int, int]:
    return people[row.mark, row.photo_id], row.photo.width * row.photo.height


def crop(row: FieldMark) -> dict | None:
    """A square of a photo around a point, as an SVG shows it: in pixels of the rendition that others see."""
    at = queries.on_what_is_shown(row, row.photo)
    if at is None:
        return None
    width, height = row.photo.rendition_size(CROPPED_FROM)
    side = max(1, round(min(width, height) * CROPPED))
    x, y = at[0] * width, at[1] * height
    left, top = (
        round(min(max(0, each - side / 2), length - side)) for each, length in ((x, width), (y, height))
    )
    # As texts: a template may write numbers as a language does.
    return {
        "src": rendition_url(row.photo, CROPPED_FROM),
        "view": f"{left} {top} {side} {side}",
        "width": str(width),
        "height": str(height),
        "x": f"{x:.0f}",
        "y": f"{y:.0f}",
        "ring": f"{max(2, side / 12):.0f}",
        "sighting": row.occurrence.observation_id,
    }


def in_the_room(
    occurrence: Occurrence, photo: Photo, person: User, *, name: str, form: PointForm | None, others: bool
) -> dict:
    """Context of `labeling/_room_marks.html`. `name`: what is chosen or typed so far: its marks are offered, else those
    of the likely names; `form`: one that was refused; `others`: what they point at is shown, too.
    """
    try:
        taxa = [Names().find(name)] if name else []
    except Unknown:
        taxa = []
    taxa = taxa or [each.taxon for each in likely(occurrence.observation)]
    rows = [each for each in queries.on_photos([photo]) if others or each.person_id == person.pk]
    form = form or PointForm(prefix="point", photo=photo, whole=False)
    form.fields["mark"].widget.choices = choices(taxa, taxon_marks.of([each.pk for each in taxa]))
    return {
        "entries": [each | {"whose": whose(each)} for each in listed(rows, photo, person)],
        "form": form,
        "others": others,
    }
