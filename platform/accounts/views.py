from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import actions
from accounts.forms import DefaultsForm, TokenForm


@login_required
@require_GET
def settings_page(request):
    user = request.user
    return render(request, "accounts/settings.html", settings_context(user))


def settings_context(user, **forms):
    return {
        "defaults_form": forms.get("defaults_form")
        or DefaultsForm(
            initial={
                "display_name": user.display_name,
                "locale": user.locale,
                "licence": user.licence,
                "show": user.consents_to_show,
                "research": user.consents_to_research,
                "train": user.consents_to_train,
            }
        ),
        "token_form": forms.get("token_form") or TokenForm(),
        "tokens": user.api_tokens.filter(revoked_at=None),
    }


@login_required
@require_POST
def save_defaults(request):
    form = DefaultsForm(request.POST)
    if not form.is_valid():
        return render(
            request, "accounts/settings.html", settings_context(request.user, defaults_form=form), status=400
        )
    actions.set_defaults(user=request.user, by=request.user, **form.cleaned_data)
    messages.success(request, "Saved. Photos already here keep what you said of them.")
    return redirect("account_settings")


@login_required
@require_POST
def make_token(request):
    form = TokenForm(request.POST)
    if not form.is_valid():
        return render(
            request, "accounts/settings.html", settings_context(request.user, token_form=form), status=400
        )
    new = actions.make_token(user=request.user, name=form.cleaned_data["name"], by=request.user)
    context = settings_context(request.user) | {"new_token": new.token, "new_secret": new.secret}
    return render(request, "accounts/settings.html", context)


@login_required
@require_POST
def revoke_token(request, id):
    token = get_object_or_404(request.user.api_tokens, pk=id)
    actions.revoke_token(token=token, by=request.user)
    messages.success(request, f"The token “{token.name}” opens nothing any more.")
    return redirect("account_settings")
