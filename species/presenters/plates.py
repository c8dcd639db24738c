"""A photo as pages show it: the context of `templates/parts/plate.html`."""

from django.urls import reverse

from species.models import Photo

SIZES = (320, 1008, 2016)


def plate(
    photo: Photo | None, *, size: int = 1008, alt: str = "", sizes: str = "", whole: bool = False
) -> dict | None:
    """`src`, `srcset` and the pixel size of one rendition, so that the page does not jump when it loads.

    `whole`: all of it, for whoever may have the original; else what others see.
    """
    if photo is None:
        return None
    width, height = photo.rendition_size(size, whole)
    return {
        "src": rendition_url(photo, size, whole),
        "srcset": ", ".join(
            f"{rendition_url(photo, each, whole)} {photo.rendition_size(each, whole)[0]}w"
            for each in SIZES
            if each <= size
        ),
        "sizes": sizes or ("50vw" if size <= 1008 else "100vw"),
        "width": width,
        "height": height,
        "alt": alt,
        "water": photo.water,
        "drawn": photo.drawn,
        "id": str(photo.pk),
    }


def rendition_url(photo: Photo, size: int, whole: bool = False) -> str:
    """Its public address; with `whole` the other one, where the public one shows less."""
    return reverse("photo_whole" if whole and photo.shows_less else "photo_rendition", args=[photo.pk, size])
