"""The review page, for reviewers: queues, one thing after another, many from a list, and undo."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from labeling.actions import review as actions
from labeling.actions.rulings import Unconfirmed
from labeling.forms.fields import take_errors
from labeling.forms.review import REASONS, Because, ChosenForm, ReviewForm
from labeling.models import ReviewAct
from labeling.presenters import keys
from labeling.presenters import review as presenters
from labeling.queries import review, review_items
from labeling.queries.review import MANY, Row
from labeling.views import shown
from labeling.views.form_posts import focus_what_is_wrong, refused

FOR_REVIEWERS = "This page is for reviewers."
END = "That was the last one of this queue. It begins again here."
View = Callable[..., HttpResponse]


def reviewers(view: View) -> View:
    """Whoever is not signed in logs in; for everybody else it is refused."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if not request.user.is_reviewer:
            raise PermissionDenied(FOR_REVIEWERS)
        return view(request, *args, **named)

    return login_required(wrapper)


@reviewers
@require_safe
def home(request):
    """The queues, and what one did last."""
    if request.htmx:
        # Home asks for the numbers alone.
        return render(request, "labeling/_review_queues.html", {"queues": presenters.queues(request.user)})
    acts = review.acts(request.user)
    context = {
        "section": "review",
        "queues": presenters.queues(request.user),
        "acts": [presenters.act(each) for each in acts],
    }
    return render(request, "labeling/review.html", context)


@reviewers
@require_http_methods(["GET", "HEAD", "POST"])
def queue(request, queue):
    """One thing of a queue: that at the place `at`, else the first. What is sent is about that one."""
    _known(queue)
    row = _row(queue, request.GET.get("at"))
    if request.method == "POST":
        return _decide(request, queue, row)
    return _page(request, queue, row)


@reviewers
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request, queue):
    """Many of a queue, to be chosen from; with `act` what came of those that were."""
    _known(queue)
    if request.method == "POST":
        return _many(request, queue)
    return _list(request, queue)


@reviewers
@require_POST
def undo(request, id):
    """One act of one's own, of one or of many; then the first of these, as it is now."""
    act = review.act_of(request.user, id)
    if act is None:
        raise Http404("No such act.")
    actions.undo(act=act, by=request.user)
    messages.info(request, presenters.act(act)["text"])
    if request.POST.get("next") == "review":
        return redirect("review")
    if len(act.done) > 1:
        return redirect("review_list", queue=act.queue)
    return redirect(_address(act.queue, UUID(act.done[0]["row"]) if act.done else None))


def _decide(request, queue: str, row: Row | None):
    if row is None:
        raise Http404("Nothing stands there.")
    then, by = request.POST.get("then", "rule"), request.user
    found = review_items.item(row, by)
    if found is None:
        messages.info(request, "That one is not shown any more. Here is the next.")
        return redirect(_next(request, queue, row))
    if then == "rule":
        form = ReviewForm(request.POST, given=found.given, auto_id="r-%s")
        asked = None
        if form.is_valid():
            try:
                actions.rule(
                    rows=[row],
                    queue=queue,
                    taxon=form.taxon,
                    reason=form.reason,
                    confirmed=form.cleaned_data["confirmed"],
                    by=by,
                )
            except Unconfirmed as twice:
                asked = twice.overruled.sentence
            except ValidationError as error:
                take_errors(form, error)
            else:
                return redirect(_next(request, queue, row))
        focus_what_is_wrong(form)
        return _page(request, queue, row, form=form, asked=asked, found=found)
    deed = {"agree": actions.agree, "right": actions.right, "resolve": actions.resolve}.get(then)
    if deed is None:
        raise Http404("There is no such act.")
    try:
        deed(rows=[row], queue=queue, by=by)
    except ValidationError as error:
        return _page(request, queue, row, wrong=" ".join(error.messages), found=found)
    return redirect(_next(request, queue, row))


def _page(request, queue: str, row: Row | None, *, form=None, asked=None, wrong: str = "", found=None):
    """`asked`: what a ruling would overrule, which is asked for once more; `wrong`: why something was not done."""
    by = request.user
    # So many are read that most places, and how many wait, need no other query.
    first = review.rows_after(queue, by, None, review.MOST + 1)
    at = next((number for number, each in enumerate(first) if row and each.key == row.key), None)
    if row is None and first:
        row, at = first[0], 0
    last = review.last_act(by)
    context: dict[str, Any] = {
        "section": "review",
        "queue": queue,
        "name": review.names_of(queue),
        "left": review.said_of_count(len(first)),
        "last": presenters.act(last) if last else None,
        "asked": asked,
        "wrong": wrong,
    }
    found = found or (review_items.item(row, by) if row else None)
    if found is None:
        gone = row is not None
        context |= {"gone": gone, "next_url": _address(queue) if gone and first else ""}
        context |= keys.of(by, "review")
        return render(request, "labeling/review_empty.html", context, status=404 if gone else 200)
    before, following = None, None
    if at is None:
        before, following = review.beside(queue, by, row)
    else:
        before = first[at - 1] if at else None
        if at + 1 < len(first):
            following = first[at + 1]
        elif len(first) > review.MOST:
            following = next(iter(review.rows_after(queue, by, row)), None)
    photo = request.POST.get("photo") or request.GET.get("photo", "")
    context |= presenters.item(found, queue, by, form, photo)
    context |= {
        "key": row.key,
        "here": _address(queue, row.key),
        "next_url": _address(queue, following.key) if following else "",
        "previous_url": _address(queue, before.key) if before else "",
    }
    shown.note(request, context["on_screen"])
    shown.note_threads(request, [found.occurrence.pk])
    status = refused(request) if (form is not None and form.errors) or wrong else 409 if asked else 200
    answer = render(request, "labeling/review_item.html", context, status=status)
    patch_cache_control(answer, private=True, no_store=True)
    return answer


def _many(request, queue: str):
    chosen = request.POST.getlist("chosen")
    form = ChosenForm(request.POST, keys=chosen)
    then, by = request.POST.get("then", ""), request.user
    because = Because(request.POST, auto_id="m-%s") if then == "rule" else None
    if not form.is_valid() or (because is not None and not because.is_valid()):
        return _list(request, queue, form=form, because=because)
    if len(set(chosen)) > MANY:
        form.add_error("chosen", actions.TOO_MANY)
        return _list(request, queue, form=form, because=because)
    rows = [row for each in dict.fromkeys(chosen) if (row := _found(queue, each)) is not None]
    deeds = {"right": actions.right, "resolve": actions.resolve, "agree": actions.agree}
    try:
        if because is not None:
            confirmed = because.cleaned_data["confirmed"]
            act = actions.rule(
                rows=rows,
                queue=queue,
                leading=True,
                reason=because.reason,
                confirmed=confirmed,
                many=True,
                by=by,
            )
        elif then in deeds:
            act = deeds[then](rows=rows, queue=queue, many=True, by=by)
        else:
            raise Http404("There is no such act.")
    except ValidationError as error:
        form.add_error("chosen", error)
        return _list(request, queue, form=form, because=because)
    return redirect(f"{reverse('review_list', args=[queue])}?act={act.pk}")


def _list(request, queue: str, *, form=None, because=None):
    by = request.user
    place = _row(queue, request.GET.get("after"))
    rows = review.rows_after(queue, by, place, MANY + 1)
    act = _act(request)
    context = {
        "section": "review",
        "queue": queue,
        "name": review.names_of(queue),
        "about": presenters.ABOUT[queue],
        "act": presenters.act(act) if act else None,
        **(presenters.refusals(act, queue) if act else {}),
        "rows": presenters.listed(rows[:MANY], queue, by, chosen=request.POST.getlist("chosen")),
        "more_url": f"?after={rows[MANY - 1].key}" if len(rows) > MANY else "",
        "is_further": place is not None,
        "form": form,
        "because": because or Because(auto_id="m-%s"),
        "standard": list(enumerate(REASONS, start=1)),
        "most": MANY,
        "flagged": queue == review.FLAGGED,
        "disputed": queue == review.DISPUTED,
    }
    wrong = any(each is not None and each.errors for each in (form, because))
    return render(request, "labeling/review_list.html", context, status=refused(request) if wrong else 200)


def _act(request) -> ReviewAct | None:
    id = _uuid(request.GET.get("act"))
    return review.act_of(request.user, id) if id else None


def _next(request, queue: str, row: Row) -> str:
    """Where what comes after it stands; at the end the queue's beginning, which is said."""
    following = review.rows_after(queue, request.user, row)
    if following:
        return _address(queue, following[0].key)
    if review.rows_after(queue, request.user):
        messages.info(request, END)
    return _address(queue)


def _address(queue: str, key: UUID | None = None) -> str:
    address = reverse("review_queue", args=[queue])
    return f"{address}?at={key}" if key else address


def _known(queue: str) -> None:
    if queue not in review.QUEUES:
        raise Http404("There is no such queue.")


def _row(queue: str, text: str | None) -> Row | None:
    """The place that an address names; None where it names none. Raises Http404 for one that there never was."""
    if not text:
        return None
    found = _found(queue, text)
    if found is None:
        raise Http404("Nothing stands there.")
    return found


def _found(queue: str, text: str) -> Row | None:
    id = _uuid(text)
    return review.find(queue, id) if id else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
