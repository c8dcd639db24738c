"""How to cite a sighting."""

from labeling.presenters import wording
from look.site import site
from species.models import Observation, Photo

# What ends an entry of BibTeX, and what means something else in it.
ENDING, SPECIAL = str.maketrans("", "", "{}\\"), str.maketrans({each: f"\\{each}" for each in "&%$#_"})


def cite(observation: Observation, photos: list[Photo], sections: list[dict]) -> dict:
    """What to name beside the photos, and how to name the sighting, in words and for BibTeX."""
    spdx = sorted({each.licence for each in photos})
    taxa = [each["taxon"] for each in sections if each["taxon"]]
    told = {
        "by": next((each.credit for each in photos if each.credit), "") or str(observation.observer),
        "licence": ", ".join(wording.LICENCES.get(each, each) for each in spdx if each != "NONE"),
        "year": observation.local_date.year if observation.local_date else observation.created.year,
        "names": ", ".join(taxon.scientific_name for taxon in taxa),
    }
    return told | {"bibtex": bibtex(observation, told)}


def bibtex(observation: Observation, told: dict) -> str:
    title = ", ".join(filter(None, [told["names"] or "Without a name yet", site()["title"]]))
    licence = f", {told['licence']}" if told["licence"] else ""
    lines = {
        "author": f"{{{_plain(told['by'])}}}",
        "title": _plain(title),
        "year": str(told["year"]),
        "note": _plain(f"Sighting {observation.pk}{licence}"),
    }
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in lines.items())
    return f"@misc{{sighting-{str(observation.pk)[:8]},\n{fields}}}"


def _plain(text: str) -> str:
    return " ".join(text.translate(ENDING).translate(SPECIAL).split())
