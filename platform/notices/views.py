from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from notices import actions
from notices.models import Notification

PAGE_SIZE = 30


class ReadForm(forms.Form):
    id = forms.UUIDField(required=False)


@login_required
@never_cache
@require_GET
def notices_page(request):
    newest_first = Notification.objects.of(request.user).order_by("-created", "-id")
    page = Paginator(newest_first, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "notices/notices.html", {"page": page})


@login_required
@require_POST
def read(request):
    """One notification is read (`id`), or every one. An id that is not theirs changes nothing."""
    form = ReadForm(request.POST)
    if form.is_valid():
        id = form.cleaned_data["id"]
        actions.mark_read(by=request.user, ids=[id] if id else None)
    return redirect("notices")
