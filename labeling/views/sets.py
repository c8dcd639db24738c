"""Which set somebody works on in the labeling room, by its address; and the page on which one is chosen."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from labeling.actions import sets
from labeling.filters import WaitingFilter, query_of
from labeling.models import Campaign
from labeling.presenters import sets as presenter
from labeling.queries import gallery as gallery_queries
from labeling.queries import room as room_queries
from labeling.queries import sets as queries
from labeling.views.gallery import PAGING, refused, said
from species.models import Occurrence

# What the room's address says besides the set.
OF_THE_ROOM = ("occurrence", "photo", "show", "kind", "id", "of", "drawn", "was", "without")
# Those of the form; further ones come from Explore.
FIELDS = ("taxon", "place", "difficulty")


@dataclass(frozen=True)
class WorkSet:
    """`query` as in its address, empty for everything that waits; `found`: what it is of; `wrong`: a sentence each."""

    query: str
    form: Form
    values: dict[str, Any]
    found: QuerySet[Occurrence] | None
    tells_names: bool
    wrong: list[str]

    @property
    def campaign(self) -> Campaign | None:
        return self.values.get("campaign")

    @property
    def title(self) -> str:
        return presenter.title(self.values)

    def address(self, query: dict[str, Any] | None = None) -> str:
        """The room's, with this set."""
        return reverse("label", query=dict(QueryDict(self.query).lists()) | (query or {}))

    def progress(self, person) -> tuple[int, tuple[int, bool]]:
        """How many of their answers in it stand, of everything how many they named today; how many wait for them, and
        whether there are more. One query.
        """
        if self.found is None:
            return room_queries.progress(person, room_queries.named_today(person))
        # As many as Explore counts: where filters find few of many, each is looked for.
        given = [name for name, value in self.values.items() if value]
        most = gallery_queries.most_counted(given)
        if "taxon" in given:
            # The order of the queue is no order of names: what waits of others is passed to find these.
            most = min(most, gallery_queries.COUNTED_TOGETHER)
        return room_queries.progress(person, queries.done(person, self.query), self.found, most)

    def answered(self, occurrence: Occurrence, person) -> None:
        sets.answered(occurrence=occurrence, query=self.query, campaign=self.campaign, by=person)


def asked(request: HttpRequest) -> WorkSet:
    """The set of an address, or of a form that was sent from it: there one that cannot be read is none, so that no
    answer is lost.
    """
    if not hasattr(request, "work_set"):
        sent = request.method == "POST" and "set" in request.POST
        work = _read(request, QueryDict(request.POST["set"]) if sent else request.GET)
        request.work_set = work if not work.wrong or request.method != "POST" else _read(request, QueryDict())
    return request.work_set


def _read(request: HttpRequest, query: QueryDict) -> WorkSet:
    asked = said(query)
    for name in (*OF_THE_ROOM, *PAGING, "at"):
        asked.pop(name, None)
    filterset = WaitingFilter(asked, queryset=room_queries.askable(request.user))
    filterset.form.auto_id = "f-%s"
    wrong = refused(asked, filterset)
    if not filterset.form.is_valid():
        wrong += [text for name in filterset.form.errors for text in filterset.form.errors[name]]
    known = not wrong
    values = {name: value for name, value in filterset.form.cleaned_data.items() if value} if known else {}
    return WorkSet(
        query=query_of(asked) if known else "",
        form=filterset.form,
        values=values,
        found=filterset.qs if values else None,
        tells_names=known and filterset.tells_names,
        wrong=list(dict.fromkeys(wrong)),
    )


@login_required
@require_safe
def choose(request):
    """What to work on: campaigns, and the filters that most sets are made of."""
    return choice(request, asked(request))


def choice(request, work: WorkSet):
    """The page; with what is wrong, where an address asked for what nobody knows."""
    beside = {text for name in FIELDS for text in work.form.errors.get(name, [])}
    context = {
        "section": "label",
        "work": work,
        "form": work.form,
        "wrong": [each for each in work.wrong if each not in beside],
        "campaigns": presenter.offered(),
        # What the form has no field for stays in the set.
        "kept": [(name, text) for name, text in parse_qsl(work.query) if name not in FIELDS],
    }
    return render(request, "labeling/sets.html", context, status=400 if work.wrong else 200)
