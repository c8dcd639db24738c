"""How well the crowd agrees: a page of figures that a job measures, and the same as a table."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from labeling.presenters import quality as presenters
from labeling.queries import quality as queries
from labeling.views.review import reviewers
from look.spreadsheets import line


@reviewers
@require_safe
def quality(request):
    history = queries.history()
    context = {"section": "review"}
    if history:
        context |= presenters.page(history[-1], history)
    return render(request, "labeling/quality.html", context)


@reviewers
@require_safe
def table(request):
    """As CSV."""
    report = queries.latest()
    if report is None:
        raise Http404("Nothing is measured yet.")
    answer = HttpResponse(b"".join(line(row) for row in presenters.rows(report)), content_type="text/csv")
    answer["Content-Disposition"] = f'attachment; filename="quality-{report.day}.csv"'
    return answer
