"""Which model is live: promotion and roll-back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from ml.actions import promotions
from ml.forms.promotions import PromoteForm
from ml.queries import models
from ml.views.models import model_page


@login_required
@require_POST
def promote(request, id):
    if not request.user.is_admin:
        raise PermissionDenied
    chosen = get_object_or_404(models.models(), pk=id)
    form = PromoteForm(request.POST)
    if form.is_valid():
        try:
            promotions.promote(model=chosen, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"{chosen} is live. Every web process answers from it within seconds.")
            return redirect("model", id=chosen.pk)
        except ValidationError as error:
            form.add_error(None, error)
    return model_page(request, chosen, form, status=400)


@login_required
@require_POST
def roll_back(request):
    if not request.user.is_admin:
        raise PermissionDenied
    try:
        promotion = promotions.roll_back(by=request.user)
        messages.success(request, f"{promotion.model} is live again.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("models")
