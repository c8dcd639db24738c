"""Having one's account deleted: what becomes of what, in numbers; the password; and calling it back."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import departures
from accounts.models import Departure
from home.actions import leaving as actions
from home.forms.leaving import LeavingForm, SureForm
from home.queries import leaving as queries


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request):
    """First what becomes of photos and words, then the password; nothing is kept between the two."""
    numbers = queries.numbers(request.user)
    datasets = bool(numbers.datasets)
    step, then = "choose", request.POST.get("then")
    form = LeavingForm(request.POST if then else None, datasets=datasets)
    if then and form.is_valid():
        step, said = "sure", form.cleaned_data
        form = SureForm(
            request.POST if then == "delete" else None, initial=said, datasets=datasets, user=request.user
        )
        if then == "delete" and _may_try(request, form) and form.is_valid() and _leave(request, form):
            return redirect("home")
    context = {
        "form": form,
        "step": step,
        "said": getattr(form, "cleaned_data", None) or form.initial,
        "numbers": numbers,
        "grace": departures.GRACE.days,
        "nobody": departures.NOBODY,
        "Photos": Departure.Photos,
        "Words": Departure.Words,
    }
    return render(request, "home/leave.html", context, status=400 if form.errors else 200)


def _may_try(request, form) -> bool:
    """Passwords are tried here as rarely as elsewhere."""
    if ratelimit.consume(request, action="reauthenticate", user=request.user):
        return True
    form.is_valid()
    form.add_error(None, "Too many tries. Wait a minute.")
    return False


def _leave(request, form) -> bool:
    said = form.cleaned_data
    try:
        departure = actions.ask(
            user=request.user,
            by=request.user,
            photos=said["photos"],
            words=said["words"],
            erase_published=bool(said.get("erase_published")),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    logout(request)
    messages.success(
        request,
        f"Your account is closed, and will be deleted on {departure.due:%d %B %Y}. "
        "Log in before then to call that back.",
    )
    return True


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request):
    """Whoever said the password of an account that is being deleted calls that back here."""
    user = departures.bearer(request.session.get(departures.SESSION_KEY, ""))
    if user is None:
        messages.info(request, "Log in first.")
        return redirect("account_login")
    departure = Departure.objects.get(pk=user.pk)
    if request.method != "POST":
        return render(request, "home/come_back.html", {"departure": departure})
    del request.session[departures.SESSION_KEY]
    try:
        actions.call_back(user=user)
    except PermissionDenied as refusal:
        messages.error(request, str(refusal))
        return redirect("home")
    messages.success(request, "Your account is yours again, as it was. Log in.")
    return redirect("account_login")
