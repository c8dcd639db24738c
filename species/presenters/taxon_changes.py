"""Changes of names in words: for their pages, and for the history of a name."""

from collections.abc import Iterable
from typing import Any

from django.utils.formats import date_format

from species.models import Taxon, TaxonChange, TaxonEdit

FIELDS = {
    "scientific_name": "Scientific name",
    "authorship": "Authorship",
    "rank": "Rank",
    "label": "Label",
    "common_names": "Common names",
    "gbif_key": "GBIF key",
    "col_key": "Catalogue of Life key",
    "provisional": "Provisional",
    "sensitive": "Places",
    "description": "Description",
    "field_marks": "Field marks",
    "source": "Name from",
    "parent": "Under",
    "second_parent": "Second parent",
    "synonym_of": "Synonym of",
}
SENSITIVE = {"": "as their observers chose", "generalized": "a rough area at most", "private": "hidden"}


def names(taxa: Iterable[Taxon]) -> str:
    return " and ".join(each.scientific_name for each in taxa)


def title(change: TaxonChange) -> str:
    """ "Salmo fario into Salmo trutta": what one reads in lists."""
    old, new = names(change.old), names(change.new)
    return f"{old} replaced by {new}" if change.kind == TaxonChange.Kind.SWAP else f"{old} into {new}"


def what_it_does(change: TaxonChange) -> list[str]:
    """What applying it does with the tree and with what people said, in sentences."""
    old, new = names(change.old), names(change.new)
    if change.kind == TaxonChange.Kind.SPLIT:
        stays = any(taxon in change.new for taxon in change.old)
        said = [
            f"{old} goes on as one of the new names, in a narrower sense."
            if stays
            else f"{old} is no name of its own any more."
        ]
        if any(each.areas for each in change.taxa.all()):
            said.append(
                "A vote or ruling from before counts for the name whose area holds the public place of its sighting."
            )
        said.append(
            "Every other vote counts for the nearest group above the new names, and whoever gave it is asked "
            "again; such a ruling is taken back."
        )
        said.append("A vote that is given after it begins means the new name, and stays as it is.")
        return said
    last = f"{old} becomes a synonym of {new}, and what stands under it follows."
    if len(change.old) > 1:
        last = f"{old} become synonyms of {new}, and what stands under them follows."
    return [
        last,
        f"No vote is rewritten: one for {old} counts for {new}, as long as the change stands.",
    ]


def what_undo_does(change: TaxonChange) -> list[str]:
    if change.kind == TaxonChange.Kind.SPLIT:
        return [
            "Every vote and ruling that it said anew is put back as it was said.",
            "Who has said something else since, or taken it back, has the last word: theirs stays. So does whatever "
            "was named one of the new names since.",
        ]
    return [
        f"The names are what they were, and every vote from before counts for what it was said for. "
        f"A vote for {names(change.new)} that was given meanwhile stays one."
    ]


def row(change: TaxonChange) -> dict[str, Any]:
    """Of a list, and of a name's history."""
    at = change.undone_at or change.applied_at or change.begun_at or change.created
    return {
        "url": change.get_absolute_url(),
        "title": title(change),
        "kind": change.get_kind_display(),
        "state": change.get_state_display(),
        "date": date_format(at, "j M Y"),
        "datetime": at.isoformat(timespec="seconds"),
        "by": str(change.undone_by or change.applied_by or change.by),
        "reason": change.reason,
    }


def history(edits: Iterable[TaxonEdit]) -> list[dict[str, Any]]:
    """Of one name: who did what, with what every field said before and after; oldest first."""
    return [
        {
            "date": date_format(each.created, "j M Y"),
            "datetime": each.created.isoformat(timespec="seconds"),
            "who": str(each.by) if each.by else each.source or "The operator",
            "change": row(each.change) if each.change else None,
            "deed": "added it" if not each.before else "changed it",
            "changes": [
                {"label": FIELDS[name], "before": said(name, each.before[name]), "after": said(name, after)}
                for name, after in each.after.items()
                if each.before
            ],
        }
        for each in edits
    ]


def said(name: str, value: Any) -> str:
    """The value of a field in words."""
    if name == "sensitive":
        return SENSITIVE.get(value, str(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{language}: {text}" for language, text in sorted(value.items())) or "none"
    if isinstance(value, list):
        return "; ".join(_mark(each) for each in value) or "none"
    return "none" if value in (None, "") else str(value)


def _mark(each: Any) -> str:
    if not isinstance(each, dict):
        return str(each)
    return ", ".join(str(part) for part in each.values() if part)
