"""What every form on these pages does when it is sent: who may send it, and where one comes back to."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from labeling.forms.fields import take_errors


def sent(view):
    """A form somebody who is signed in sends. Others log in first and come back to the page, not to the form."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args, **arguments):
        if not request.user.is_authenticated:
            return redirect_to_login(came_from(request))
        return view(request, *args, **arguments)

    return require_POST(wrapper)


def sent_on(page: Callable[[HttpRequest, object], object]):
    """The same for a form whose refusal is a page at the form's own address: reloaded, that leads to `page`."""

    def decorate(view):
        posted = sent(view)

        @wraps(view)
        @require_http_methods(["GET", "HEAD", "POST"])
        def wrapper(request: HttpRequest, id):
            return posted(request, id) if request.method == "POST" else page(request, id)

        return wrapper

    return decorate


def came_from(request: HttpRequest, otherwise: str = "home") -> str:
    """The page of this site that the form stood on."""
    address = request.POST.get("next") or request.headers.get("Referer") or ""
    hosts, secure = {request.get_host()}, request.is_secure()
    if url_has_allowed_host_and_scheme(address, allowed_hosts=hosts, require_https=secure):
        return address
    return reverse(otherwise)


def undoable(request: HttpRequest, text: str, word: str, url: str) -> None:
    """Say that something is done, with a button that posts to `url`."""
    messages.success(request, text, extra_tags=f"{word}={url}")


def back_to_sighting(occurrence) -> object:
    return redirect(f"{occurrence.observation.get_absolute_url()}#o-{occurrence.pk}")


def refused(request: HttpRequest) -> int:
    """The status of a page that shows what is wrong with a form; htmx swaps in nothing that is not a 200."""
    return 200 if request.htmx else 400


def done(form: Form, act: Callable[[], object]) -> bool:
    """Whether the form was right and the action took it; if not, the form says why."""
    if form.is_valid():
        try:
            act()
        except ValidationError as error:
            take_errors(form, error)
        else:
            return True
    focus_what_is_wrong(form)
    return False


def focus_what_is_wrong(form: Form) -> None:
    """The page that says what is wrong opens at the first field that is."""
    wrong = next((name for name in form.fields if name in form.errors), None)
    if wrong is not None:
        form.fields[wrong].widget.attrs["autofocus"] = True
