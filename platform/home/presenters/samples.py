"""The sample images of the home page and of `GET /config`."""

from look.site import site
from species.models import Photo, Status
from species.presenters.plates import plate, rendition_url


def sample_images() -> list[dict]:
    """`name`, `url` and, for photos of the library, `photo` and its small `thumb`, in the order of `site.yaml`.

    An entry of `site.yaml` either names its `url`, or a `taxon`: then it is the first verified photo of that
    taxon that may be shown, and is left out while there is none.
    """
    samples = []
    for entry in site()["sampleImages"] or []:
        if "url" in entry:
            samples.append({"name": entry["name"], "url": entry["url"], "photo": None, "thumb": None})
            continue
        photo = (
            Photo.objects.shown()
            .filter(
                occurrences__status=Status.VERIFIED,
                occurrences__agreed_taxon__label=entry["taxon"],
            )
            .order_by("created", "id")
            .first()
        )
        if photo:
            samples.append(
                {
                    "name": entry["name"],
                    "url": rendition_url(photo, 1008),
                    "photo": photo,
                    "thumb": plate(photo, size=320),
                }
            )
    return samples
