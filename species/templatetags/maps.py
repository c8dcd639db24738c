"""What a map's element says of where its pictures come from: `{% load maps %}{% the_map as map %}`."""

from django import template
from django.conf import settings
from django.urls import reverse

from species.queries import waters

register = template.Library()


@register.simple_tag
def the_map() -> dict[str, str]:
    """`waters` and `pictures` are addresses with {z}, {x} and {y}, empty where there are none; and their credits."""
    version = waters.version()
    tile = reverse("waters_tile", args=[version, 0, 0, 0]) if version else ""
    return {
        "waters": tile.removesuffix("0/0/0.json") + "{z}/{x}/{y}.json" if tile else "",
        "waters_credit": waters.credit(),
        "pictures": settings.TILE_URL,
        "pictures_credit": settings.TILE_CREDIT,
    }
