"""The sample images of the home page and of `GET /config`."""

from look.site import site
from species.presenters.plates import plate, rendition_url
from species.queries.taxon_pages import with_first_photos


def sample_images() -> list[dict]:
    """`name`, `url` and, for photos of the library, `photo` and its small `thumb`, in the order of `site.yaml`.

    An entry of `site.yaml` either names its `url`, or a `taxon`: then it is the first verified photo of that
    taxon that may be shown, and is left out while there is none.
    """
    entries = site()["sampleImages"] or []
    labels = [entry["taxon"] for entry in entries if "url" not in entry]
    photos = {taxon.label: photo for taxon, photo in with_first_photos(labels=labels).values()}
    samples = []
    for entry in entries:
        if "url" in entry:
            samples.append({"name": entry["name"], "url": entry["url"], "photo": None, "thumb": None})
        elif photo := photos.get(entry["taxon"]):
            samples.append(
                {
                    "name": entry["name"],
                    "url": rendition_url(photo, 1008),
                    "photo": photo,
                    "thumb": plate(photo, size=320),
                }
            )
    return samples
