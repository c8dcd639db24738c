"""Reports, warnings, suspensions and rollbacks: the reviewers' pages, and the page of whom they are about."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Standing, User
from labeling.actions import rollbacks, sanctions
from labeling.forms.sanctions import (
    AnswerForm,
    AppealForm,
    ReportForm,
    RollbackForm,
    SinceForm,
    SuspendForm,
    WarnForm,
)
from labeling.models import Report, Rollback, Suspension
from labeling.queries import rollbacks as rollback_queries
from labeling.queries import sanctions as queries
from labeling.views.form_posts import done
from labeling.views.observations import seen
from labeling.views.review import reviewers

READING = ("GET", "HEAD", "OPTIONS")
SUSPENDED = "You are suspended: you can read, appeal, take away what is yours, and delete your account."


def heed(get_response):
    """Middleware, after whoever asks is known: who is suspended changes nothing but what is theirs alone, and who was
    warned is shown that before the next page. A request by token is judged where tokens are.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        writes = request.method not in READING
        # Whose session is not asked for is answered the same as everybody, and caches may keep it.
        if not (writes or _is_a_visit(request)) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return get_response(request)
        user, path = request.user, request.path_info
        if not user.is_authenticated or user.standing == Standing.GOOD:
            return get_response(request)
        # Settings, export, leaving, logging out, and the page that says all this.
        own = path.startswith(("/accounts/", "/notices/"))
        if user.is_suspended and writes and not own:
            if path.startswith("/api/"):
                # As a problem it is said outside, as whatever is refused here.
                return HttpResponse(SUSPENDED, status=403, content_type="text/plain")
            messages.error(request, SUSPENDED)
            return redirect("standing")
        if user.standing == Standing.WARNED and not writes and not own:
            return redirect(f"{reverse('standing')}?{urlencode({'next': request.get_full_path()})}")
        return get_response(request)

    return middleware


def _is_a_visit(request: HttpRequest) -> bool:
    """A page that somebody goes to; no part of one, no picture and no program."""
    asks_for_a_page = "text/html" in request.headers.get("Accept", "")
    return asks_for_a_page and "HX-Request" not in request.headers


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def standing(request):
    """What one was told, and the appeal; `then`: read or appeal."""
    user, form = request.user, AppealForm()
    if request.POST.get("then") == "read":
        sanctions.acknowledge(by=user)
        return redirect(_next(request))
    if request.POST.get("then") == "appeal":
        form = AppealForm(request.POST)
        if done(form, lambda: sanctions.appeal(by=user, **form.cleaned_data)):
            messages.success(request, "Sent. Another reviewer reads it, and you are told what they say.")
            return redirect("standing")
    context = {
        "form": form,
        "unread": queries.unread(user),
        "suspension": queries.standing_suspension(user),
        "next": _next(request),
        **queries.history(user),
    }
    return render(request, "labeling/standing.html", context, status=400 if form.errors else 200)


def _next(request: HttpRequest) -> str:
    address = request.POST.get("next") or request.GET.get("next") or ""
    known = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if known else reverse("standing")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_person(request, id):
    who = get_object_or_404(User, pk=id, is_source=False)
    return _report(request, str(who), reverse("person", args=[who.pk]), person=who)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_sighting(request, id):
    observation = seen(request, id)
    return _report(request, "this sighting", observation.get_absolute_url(), observation=observation)


def _report(request, what: str, back: str, **about):
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and done(
        form, lambda: sanctions.report(by=request.user, **form.cleaned_data, **about)
    ):
        messages.success(request, "Noted. A reviewer will look at it.")
        return redirect(back)
    context = {"form": form, "what": what, "back": back}
    return render(request, "labeling/report.html", context, status=400 if form.errors else 200)


@reviewers
@require_safe
def safety(request):
    """What waits about people: reports, appeals, and who is suspended."""
    context = {
        "section": "review",
        "reports": queries.open_reports(request.user),
        "appeals": queries.appeals_for(request.user),
        "suspensions": queries.suspended(),
    }
    return render(request, "labeling/safety.html", context)


@reviewers
@require_POST
def resolve_report(request, id):
    sanctions.resolve(report=get_object_or_404(Report, pk=id), by=request.user)
    messages.success(request, "Dealt with. Who reported it is told.")
    return redirect("safety")


FORMS = {"warn": WarnForm, "suspend": SuspendForm, "roll_back": RollbackForm, "answer": AnswerForm}


@reviewers
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request, id):
    """One person's history, and what can be done; `then`: a key of FORMS, "lift" or "undo"."""
    who = get_object_or_404(User, pk=id, is_source=False)
    then = request.POST.get("then", "")
    if then in ("lift", "undo"):
        return _back_again(request, who, then)
    forms = {name: kind(auto_id=f"{name}-%s") for name, kind in FORMS.items()}
    if then in FORMS:
        forms[then] = FORMS[then](request.POST, auto_id=f"{then}-%s")
        if done(forms[then], lambda: _act(request, who, then, forms[then])):
            return redirect("safety_person", id=who.pk)
    asked = SinceForm(request.GET or None)
    since = asked.moment
    if then != "roll_back":
        forms["roll_back"] = RollbackForm(
            initial={"since": since and since.date(), "kinds": list(rollback_queries.KINDS)},
            auto_id="roll_back-%s",
        )
    context = {
        "section": "review",
        "who": who,
        "may": rollbacks.may(request.user, who),
        "forms": forms,
        "asked": asked,
        "since": since,
        "preview": rollback_queries.preview(who, since),
        "suspension": queries.standing_suspension(who),
        "rollbacks": rollback_queries.of_person(who)[: queries.MOST],
        **queries.history(who),
    }
    wrong = any(form.errors for form in forms.values())
    return render(request, "labeling/safety_person.html", context, status=400 if wrong else 200)


def _act(request, who: User, then: str, form) -> None:
    by = request.user
    if then == "warn":
        sanctions.warn(person=who, by=by, **form.cleaned_data)
        messages.success(request, "Warned. They are shown it at their next visit.")
    elif then == "suspend":
        sanctions.suspend(person=who, by=by, **form.said())
        messages.success(request, "Suspended. What becomes of votes and photos follows in the background.")
    elif then == "roll_back":
        rollbacks.begin(person=who, by=by, **form.said())
        messages.success(request, "It is being rolled back, in the background.")
    else:
        held = get_object_or_404(Suspension, person=who, lifted_at=None)
        said = form.cleaned_data
        sanctions.answer(suspension=held, text=said["text"], lifts=bool(said["lifts"]), by=by)
        messages.success(request, "Answered. They are told.")


def _back_again(request, who: User, then: str):
    if not rollbacks.may(request.user, who):
        raise PermissionDenied(rollbacks.NOT_YOU)
    if then == "lift":
        sanctions.lift(suspension=get_object_or_404(Suspension, person=who, lifted_at=None), by=request.user)
        messages.success(request, "Lifted. What was left out comes back in the background.")
    else:
        found = get_object_or_404(Rollback, person=who, pk=request.POST.get("rollback"))
        rollbacks.undo(rollback=found, by=request.user)
        messages.success(request, "It is being given back, in the background.")
    return redirect("safety_person", id=who.pk)
