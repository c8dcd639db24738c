"""Template tags of the model's charts: ``{% load model_charts %}``.

- ``{% range_line low point high 0 1 %}``: a measure's interval on an axis
- ``{% confusion matrix %}``, ``{% reliability bins %}``: the model's two charts, see ``ml/presenters/charts.py``
"""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from ml.presenters import charts

register = template.Library()


@register.simple_tag
def range_line(
    low: float | None, point: float, high: float | None, start: float = 0, end: float = 1
) -> SafeString:
    """A measure and its interval on the axis from ``start`` to ``end``, all in the measure's own unit."""
    return charts.range_line(low=low, point=point, high=high, start=start, end=end)


@register.inclusion_tag("ml/_confusion.html")
def confusion(matrix: Any) -> dict[str, Any]:
    """``matrix``: {"labels": [str], "counts": [[int]]}; a row is what it is, a column what the model says."""
    return {"chart": charts.confusion(labels=matrix["labels"], counts=matrix["counts"])}


@register.inclusion_tag("ml/_reliability.html")
def reliability(bins: Any) -> dict[str, Any]:
    """``bins``: dicts of confidence, accuracy, low, high (0 to 1; low and high may be None) and count."""
    return {"chart": charts.reliability(bins)}
