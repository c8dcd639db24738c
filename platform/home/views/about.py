"""The about text."""

import markdown
from django.utils.safestring import mark_safe

from look.site import site


def about_html():
    """The about text; `site.yaml` is written by whoever runs the site, so its HTML is trusted."""
    return mark_safe(markdown.markdown(site()["about"]))
