"""Template tags of the house look: ``{% load look %}``.

- ``{% icon "camera" %}``, ``{% icon "check" label="passed" %}``: one of the inline icons, 20 px, stroke 1.75
- ``{% brand_mark %}``: the ringed spot; ``{% the_site as site %}``: what site.yaml says
- ``{% status "verified" %}``, ``{% status value large=True %}``: the badge of a verdict
- ``{% sci "Salmo trutta" %}``: a scientific name
- ``{% nav_link "gallery" "Explore" %}``: a link that knows whether it is current; nothing without its page
- ``{{ message|offered }}``: what a message offers to do (word and url), sent as extra tags ``word=url``
- ``{{ name|initials }}``, ``{{ 0.958|probability }}`` (three decimals), ``{{ 0.894|share }}`` ("89.4 %"),
  ``{{ 0.25|percent }}`` ("25.00%", for
  SVG), ``{% for _ in 3|times %}``, ``{{ field|input_type }}``, ``{% filter one_line %}…{% endfilter %}``
"""

from typing import Any

from django import template
from django.forms import BoundField
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from look.site import site

register = template.Library()

_CAMERA = '<path d="M3 6.5h3l1.5-2h5l1.5 2h3v10H3z"/><circle cx="10" cy="11.2" r="3"/>'

#: name -> what is inside a 20 by 20 viewBox.
ICONS: dict[str, str] = {
    "after": '<path d="M3.5 6v-2h2M3.5 12v2h2M9 4h2.5v2M9 14h2.5v-2M13.5 6.5 17 9l-3.5 2.5"/>',
    "arrow": '<path d="M4 10h12M11 5l5 5-5 5"/>',
    "before": '<path d="M16.5 6v-2h-2M16.5 12v2h-2M11 4H8.5v2M11 14H8.5v-2M6.5 6.5 3 9l3.5 2.5"/>',
    "bell": '<path d="M4.5 14.5c1.3-1.2 1.5-2.6 1.5-5a4 4 0 0 1 8 0c0 2.4.2 3.8 1.5 5zM8.5 17.2h3"/>',
    "box": '<path d="M4 6V4h2M14 4h2v2M16 14v2h-2M6 16H4v-2M4 9v2M16 9v2M9 4h2M9 16h2"/>',
    "brightness": (
        '<circle cx="10" cy="10" r="3.2"/><path d="M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4'
        'M13.9 13.9l1.4 1.4M15.3 4.7l-1.4 1.4M6.1 13.9l-1.4 1.4"/>'
    ),
    "camera": _CAMERA,
    "check": '<path d="m3.5 10.5 4 4 9-9.5"/>',
    "clock": '<circle cx="10" cy="10" r="7"/><path d="M10 6v4.3l2.8 1.7"/>',
    "compare": '<rect x="3" y="6" width="9.5" height="7"/><path d="M7 6V3.5h10v7h-4.5"/>',
    "cross": '<path d="m5 5 10 10M15 5 5 15"/>',
    "download": '<path d="M10 3.5v9M6 9l4 4 4-4M4 16.5h12"/>',
    "filters": (
        '<path d="M3 6h8M15 6h2M3 14h2M9 14h8"/><circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>'
    ),
    "edges": '<path d="M10 2.5v4M10 13.5v4M2.5 10h4M13.5 10h4"/><circle cx="10" cy="10" r="1.5"/>',
    "eye": (
        '<path d="M2.5 10c2-3.6 4.6-5.3 7.5-5.3s5.5 1.7 7.5 5.3c-2 3.6-4.6 5.3-7.5 5.3S4.5 13.6 2.5 10z"/>'
        '<circle cx="10" cy="10" r="2.2"/>'
    ),
    "fit": '<path d="M3.5 7.5v-4h4M16.5 12.5v4h-4M12.5 3.5h4v4M7.5 16.5h-4v-4"/>',
    "grid": '<path d="M3.5 3.5H9V9H3.5zM11 3.5h5.5V9H11zM3.5 11H9v5.5H3.5zM11 11h5.5v5.5H11z"/>',
    "home": '<path d="m3 9.5 7-6 7 6M5 8.5V17h10V8.5"/>',
    "keys": (
        '<rect x="2.5" y="5" width="15" height="10" rx="1.5"/>'
        '<path d="M5.5 8h.01M8.5 8h.01M11.5 8h.01M14.5 8h.01M6.5 12h7"/>'
    ),
    "label": '<path d="M9.5 3h-6v6l8 8 6-6z"/><circle cx="6.7" cy="6.3" r="1"/>',
    "link": (
        '<path d="M8.5 11.5a3 3 0 0 0 4.3 0l3-3a3 3 0 0 0-4.3-4.3l-1 1'
        'M11.5 8.5a3 3 0 0 0-4.3 0l-3 3a3 3 0 0 0 4.3 4.3l1-1"/>'
    ),
    "lock": '<rect x="4.5" y="9" width="11" height="8" rx="1"/><path d="M7 9V6.5a3 3 0 0 1 6 0V9"/>',
    "map": '<path d="M3 5.5 7.5 3.5l5 2 4.5-2v11l-4.5 2-5-2L3 16.5zM7.5 3.5v11M12.5 5.5v11"/>',
    "menu": '<path d="M3 5.5h14M3 10h14M3 14.5h14"/>',
    "minus": '<path d="M4 10h12"/>',
    "pause": '<path d="M7 4.5v11M13 4.5v11"/>',
    "pencil": '<path d="m3.5 16.5.9-3.7 9-9 2.8 2.8-9 9zM11.5 5.7l2.8 2.8"/>',
    "person": '<circle cx="10" cy="6.8" r="3.3"/><path d="M3.5 17c.8-3.3 3.2-5 6.5-5s5.7 1.7 6.5 5"/>',
    "pin": (
        '<path d="M10 17.5c3.5-4 5.2-6.8 5.2-9.2a5.2 5.2 0 0 0-10.4 0c0 2.4 1.7 5.2 5.2 9.2z"/>'
        '<circle cx="10" cy="8.2" r="1.8"/>'
    ),
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "pointer": '<path d="M4 16 12.5 7.5M8.5 6.5l5-.5-.5 5"/>',
    "quote": (
        '<path d="M4 14c2-1 2.7-2.3 2.7-4H4V5.5h4.5V10c0 3-1.5 5-4.5 6z'
        'M11.5 14c2-1 2.7-2.3 2.7-4h-2.7V5.5H16V10c0 3-1.5 5-4.5 6z"/>'
    ),
    "search": '<circle cx="8.5" cy="8.5" r="5.5"/><path d="m13 13 4.5 4.5"/>',
    "turn": '<path d="M15.5 10a5.5 5.5 0 1 1-2-4.2M14 2.5v3.8h-3.8"/>',
    "undo": '<path d="M7 4 3.5 7.5 7 11M4 7.5h7.5a4.5 4.5 0 0 1 0 9H8"/>',
    "upload": '<path d="M10 13V3.5M6 7l4-4 4 4M4 16.5h12"/>',
    "warning": '<path d="M10 3.5 17.5 16.5h-15zM10 8.5V12M10 14.3h.01"/>',
    "whole": '<path d="M3 4.5h14v11H3zM7 8v4M13 8v4"/>',
}

#: verdict (the API's value) -> word on screen, and its spot in an 18 by 18 viewBox.
STATUSES: dict[str, tuple[str, str]] = {
    "verified": ("Verified", '<circle cx="9" cy="9" r="7.6"/><circle class="f" cx="9" cy="9" r="4.6"/>'),
    "needs_id": ("Needs ID", '<circle cx="9" cy="9" r="7"/>'),
    "disputed": ("Disputed", '<circle cx="9" cy="9" r="7"/><path class="f" d="M9 2a7 7 0 0 1 0 14z"/>'),
    "unresolvable": (
        "Can’t be settled",
        '<circle cx="9" cy="9" r="7"/><path d="M5.5 9h7" stroke-linecap="round"/>',
    ),
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon. With ``label`` it is read out, without it the words beside it say everything.

    Raises TemplateSyntaxError for an unknown name: a button without its icon would stand there empty."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(
            f"There is no icon {name!r}; there are: {', '.join(sorted(ICONS))}"
        )
    shape = mark_safe(ICONS[name])
    if label:
        return format_html(
            '<svg class="i" viewBox="0 0 20 20" role="img" aria-label="{}">{}</svg>', label, shape
        )
    return format_html('<svg class="i" viewBox="0 0 20 20" aria-hidden="true">{}</svg>', shape)


@register.simple_tag
def the_site() -> dict[str, Any]:
    """The site of ``site.yaml``. base.html asks for it itself, because views of others (allauth's log-in and
    sign-up) put something else under the name ``site``."""
    return site()


@register.simple_tag
def brand_mark() -> SafeString:
    """A trout's ringed spot: the mark of the house."""
    return mark_safe(
        '<svg viewBox="0 0 24 24" aria-hidden="true"><circle class="halo" cx="12" cy="12" r="10.5"/>'
        '<circle class="spot" cx="12" cy="12" r="6"/></svg>'
    )


@register.simple_tag
def status(value: str | None, large: bool = False) -> SafeString:
    """The badge of a verdict; nothing said yet (None or "") needs an identification."""
    key = str(value or "needs_id")
    if key not in STATUSES:
        raise template.TemplateSyntaxError(f"There is no status {key!r}; there are: {', '.join(STATUSES)}")
    word, shape = STATUSES[key]
    return format_html(
        '<span class="status {}is-{}"><svg viewBox="0 0 18 18" aria-hidden="true">{}</svg>{}</span>',
        "status-l " if large else "",
        key,
        mark_safe(shape),
        word,
    )


@register.simple_tag
def sci(name: str | None) -> SafeString:
    """A scientific name in italics, marked as Latin; hybrids get spaces around their ×.

    Empty for no name, and on a site whose subject has none.
    """
    if not name or not site()["scientificNames"]:
        return mark_safe("")
    spaced = " ".join(str(name).replace("×", " × ").split())
    return format_html('<i class="sci" lang="la">{}</i>', spaced)


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, url_name: str, text: str, icon_name: str = "") -> SafeString:
    """A link by URL name, current on its page and the pages below it; nothing where no app serves it.

    A page that belongs to a section without lying below it names the section's URL in ``section``."""
    try:
        address = reverse(url_name)
    except NoReverseMatch:
        return mark_safe("")
    request = context.get("request")
    path = getattr(request, "path", "")
    section = context.get("section")
    below = address.rstrip("/") + "/"
    here = (
        section == url_name if section else path == address or (url_name != "home" and path.startswith(below))
    )
    return format_html(
        '<a href="{}"{}>{}{}</a>',
        address,
        mark_safe(' aria-current="page"') if here else "",
        icon(icon_name) if icon_name else "",
        text,
    )


@register.filter
def initials(name: str | None) -> str:
    """At most two letters for an avatar: the first of the first and of the last word."""
    words = [word for word in str(name or "").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


@register.filter
def probability(value: float | None) -> str:
    """Three decimals with a point, whatever the language: it also stands in attributes."""
    return "" if value is None else f"{float(value):.3f}"


@register.filter
def share(fraction: float) -> str:
    """0.894 as "89.4 %", for reading."""
    return f"{fraction * 100:.1f}\N{NO-BREAK SPACE}%"


@register.filter
def percent(fraction: float) -> str:
    """A fraction 0 to 1 as an SVG length, "25.00%"."""
    return f"{float(fraction) * 100:.2f}%"


@register.filter
def votes(verdict: dict[str, Any]) -> str:
    """A verdict's spots in words, for whoever does not see them: "Votes: 3 for, 1 against, 1 missing"."""
    kinds = {"against": "against", "neutral": "neither", "missing": "missing"}
    said = [f"{verdict.get('votes_for') or 0} for"]
    for kind, word in kinds.items():
        if (count := verdict.get(f"votes_{kind}") or 0) or kind == "against":
            said.append(f"{count} {word}")
    return f"Votes: {', '.join(said)}"


@register.filter
def times(count: int | None) -> range:
    """Something to loop over ``count`` times; at most 60, so that a crowd of votes stays a row of spots."""
    return range(min(int(count or 0), 60))


@register.filter(is_safe=True)
def one_line(text: str) -> str:
    """Spaces for line breaks and indentation, so that an attribute may be written over several lines."""
    return " ".join(text.split())


@register.filter
def input_type(field: BoundField) -> str:
    """The type of a bound field's single input ("text", "checkbox", ...), "" for groups of inputs."""
    return "" if field.use_fieldset else getattr(field.field.widget, "input_type", "") or ""


@register.filter
def offered(message) -> dict[str, str]:
    """What a message offers to do about it, where it says so in its extra tags: ``Undo=/the/address``."""
    word, _, url = (getattr(message, "extra_tags", "") or "").partition("=")
    return {"word": word, "url": url} if url else {}
