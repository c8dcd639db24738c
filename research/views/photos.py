"""Which datasets hold a photo, and taking it out of them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from research.actions import datasets
from research.forms.datasets import EraseForm
from research.queries import datasets as datasets_queries
from species.access import can_edit
from species.models import Photo, State
from species.presenters.plates import plate


@login_required
@require_GET
def photo_page(request, id):
    return _photo(request, _own_photo(request, id), EraseForm())


@login_required
@require_POST
def erase(request, id):
    photo = _own_photo(request, id)
    form = EraseForm(request.POST)
    if not request.user.is_admin:
        raise PermissionDenied("A photo that is in a published dataset is erased by an admin.")
    if not form.is_valid():
        return _photo(request, photo, form, status=400)
    try:
        taken = datasets.erase(photo=photo, by=request.user)
    except ValidationError as error:
        form.add_error(None, error)
        return _photo(request, photo, form, status=400)
    messages.success(request, f"Erased. Datasets taken back: {len(taken)}.")
    return redirect("datasets")


def _own_photo(request, id) -> Photo:
    photo = get_object_or_404(Photo.objects.select_related("observation__batch", "owner"), pk=id)
    kept = request.user.is_admin and photo.observation.state == State.KEPT
    # Like a photo that doesn't exist: whether a stranger's is here is nobody's business.
    if not kept and not can_edit(request.user, photo.observation):
        raise Http404("No such photo.")
    return photo


def _photo(request, photo, form, status=200):
    context = {
        "photo": photo,
        "plate": plate(photo),
        "datasets": datasets_queries.datasets_containing(photo),
        "form": form if request.user.is_admin else None,
    }
    return render(request, "research/photo_datasets.html", context, status=status)
