"""What this site promises and asks for, in its own words or in those that are true of every site; and writing to it."""

import markdown
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from home.forms.letters import LetterForm
from look.site import site
from notices import actions
from species.actions import allowances

TITLES = {"terms": "Terms", "privacy": "Privacy", "support": "Help"}
LETTERS_AN_HOUR = 5  # from one address


def _page(request, key: str):
    """`site.yaml` is written by whoever runs the site, so its HTML is trusted."""
    own = site()[key]
    said = mark_safe(markdown.markdown(own)) if own else ""
    return render(request, "home/words.html", {"key": key, "title": TITLES[key], "said": said})


@require_safe
def terms(request):
    return _page(request, "terms")


@require_safe
def privacy(request):
    return _page(request, "privacy")


@require_safe
def support(request):
    return _page(request, "support")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def takedown(request):
    """Anybody asks that something be taken down: kept, told to the admins, and bounded by address."""
    form = LetterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            allowances.take(
                who=f"letters of {request.META['REMOTE_ADDR']}",
                size=1,
                limit=LETTERS_AN_HOUR,
                span=3600,
                sentence="That is as many letters as we take from one address.",
            )
        except allowances.UsedUp as refusal:
            form.add_error(None, str(refusal))
            answer = render(request, "home/takedown.html", {"form": form}, status=429)
            answer["Retry-After"] = refusal.retry_after
            return answer
        by = request.user if request.user.is_authenticated else None
        actions.write(**form.cleaned_data, by=by)
        messages.success(request, "Sent. Those who run the site were told.")
        return redirect("takedown")
    return render(request, "home/takedown.html", {"form": form}, status=400 if form.errors else 200)
