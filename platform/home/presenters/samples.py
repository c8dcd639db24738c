"""The sample images of the home page and of `GET /config`."""

from look.site import site
from species.models import Taxon
from species.presenters.plates import plate, rendition_url
from species.queries.taxon_pages import first_photos


def sample_images() -> list[dict]:
    """`name`, `url` and, for photos of the library, `photo` and its small `thumb`, in the order of `site.yaml`.

    An entry of `site.yaml` either names its `url`, or a `taxon`: then it is the first verified photo of that
    taxon that may be shown, and is left out while there is none.
    """
    entries = site()["sampleImages"] or []
    labels = [entry["taxon"] for entry in entries if "url" not in entry]
    taxa = dict(Taxon.objects.filter(label__in=labels).values_list("label", "pk"))
    photos = first_photos(taxa.values()) if taxa else {}
    samples = []
    for entry in entries:
        if "url" in entry:
            samples.append({"name": entry["name"], "url": entry["url"], "photo": None, "thumb": None})
        elif photo := photos.get(taxa.get(entry["taxon"])):
            samples.append(
                {
                    "name": entry["name"],
                    "url": rendition_url(photo, 1008),
                    "photo": photo,
                    "thumb": plate(photo, size=320),
                }
            )
    return samples
