from urllib.parse import urlsplit

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.models import Application
from oauth2_provider.views import AuthorizationView
from oauthlib.oauth2 import InvalidRequestError

from accounts import actions, delegations, keys, sessions
from accounts.forms import AddressForm, AppForm, DefaultsForm, KeysForm, NewsForm, TokenForm, asks_by_mail
from accounts.models import News


@login_required
@never_cache
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
                "licence": user.licence,
                "privacy": user.privacy,
                "time_precision": user.time_precision,
                "surroundings": user.surroundings,
                "show": user.consents_to_show,
                "research": user.consents_to_research,
                "train": user.consents_to_train,
            }
        ),
        "news_form": forms.get("news_form")
        or NewsForm(initial={"news": [each for each in News.values if each not in user.muted]}),
        "token_form": forms.get("token_form") or TokenForm(),
        "tokens": user.api_tokens.open(),
    }


@login_required
@require_POST
def save_defaults(request):
    form = DefaultsForm(request.POST)
    if form.is_valid():
        try:
            # What the form does not ask, or was not told, stays.
            said = {"privacy": request.user.privacy} | form.cleaned_data
            actions.set_defaults(user=request.user, by=request.user, **said)
        except ValidationError as error:
            form.add_error(None, error)
    if not form.is_valid():
        return render(
            request, "accounts/settings.html", settings_context(request.user, defaults_form=form), status=400
        )
    messages.success(request, "Saved. What is here already keeps what you said of it.")
    return redirect("account_settings")


@login_required
@require_POST
def save_news(request):
    form = NewsForm(request.POST)
    if not form.is_valid():
        return render(
            request, "accounts/settings.html", settings_context(request.user, news_form=form), status=400
        )
    actions.set_news(user=request.user, by=request.user, kinds=form.cleaned_data["news"])
    messages.success(request, "Saved. It holds for what happens from now on.")
    return redirect("account_settings")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys_page(request):
    """The keys of the labeling room and the review page, each with its field. Their own switches send `on` or `off`."""
    user, then = request.user, request.POST.get("then", "")
    if then in ("on", "off"):
        actions.switch_keys(user=user, by=user, on=then == "on")
        if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
            return JsonResponse({"on": user.keys_on})
        messages.success(
            request, "Single letters are keys now." if user.keys_on else "No letter is a key now."
        )
        return redirect("account_keys")
    if then == "restore":
        actions.set_keys(user=user, by=user, said={})
        messages.success(request, "These are the keys we came with.")
        return redirect("account_keys")
    standing = {action: key.key for action, key in keys.of(user.keys).items()}
    form = KeysForm(request.POST if then else None, initial=standing, reviews=user.is_reviewer)
    if then and form.is_valid():
        try:
            actions.set_keys(user=user, by=user, said=form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "Saved. They hold on all your devices.")
            return redirect("account_keys")
    return render(request, "accounts/keys.html", {"form": form}, status=400 if form.errors else 200)


@login_required
@never_cache
@require_POST
def make_token(request):
    form = TokenForm(request.POST)
    if not form.is_valid():
        return render(
            request, "accounts/settings.html", settings_context(request.user, token_form=form), status=400
        )
    new = actions.make_token(user=request.user, by=request.user, **form.said())
    context = settings_context(request.user) | {"new_token": new.token, "new_secret": new.secret}
    return render(request, "accounts/settings.html", context)


@login_required
@require_POST
def revoke_token(request, id):
    token = get_object_or_404(request.user.api_tokens, pk=id)
    actions.revoke_token(token=token, by=request.user)
    messages.success(request, f"The token “{token.name}” opens nothing any more.")
    return redirect("account_settings")


@login_required
@rate_limit(action="manage_email")
@never_cache
def address_page(request):
    """A person's one address, and the one they asked for and did not confirm yet."""
    user, form = request.user, AddressForm()
    if "action_add" in request.POST:
        form = AddressForm(request.POST)
        if form.is_valid() and _ask_for_address(request, form):
            return redirect("account_email")
    elif "action_send" in request.POST:
        waiting = _waiting(user)
        if waiting is None and not user.has_confirmed_address:
            waiting, _ = EmailAddress.objects.get_or_create(user=user, email=user.email)
        if waiting and not send_verification_email_to_address(request, waiting):
            messages.info(request, "A link went there a moment ago. Look among the spam, too.")
        return redirect("account_email")
    elif "action_remove" in request.POST:
        actions.drop_address_asked_for(user=user, by=user)
        return redirect("account_email")
    context = {
        "form": form,
        "waiting": _waiting(user),
        "confirmed": user.has_confirmed_address,
        "sends_mail": bool(settings.EMAIL_URL),
    }
    return render(request, "account/email.html", context, status=400 if form.errors else 200)


def _waiting(user) -> EmailAddress | None:
    return user.emailaddress_set.filter(verified=False).exclude(email=user.email).last()


def _ask_for_address(request, form) -> bool:
    email = form.cleaned_data["email"]
    try:
        address = actions.ask_for_address(user=request.user, email=email, by=request.user)
    except ValidationError as error:
        if not asks_by_mail() or actions.TAKEN not in error.messages:
            form.add_error(None, error)
            return False
        # Only whoever reads its mail learns that this address is known here.
        address = EmailAddress(email=email)
    send_verification_email_to_address(request, address, signup=address.pk is None)
    return True


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions_page(request):
    """Where one is logged in; `end`: the id of one that is ended, or "others"."""
    this, end = request.session.session_key, request.POST.get("end", "")
    if request.method == "POST":
        if end == "others":
            sessions.end_all(request.user, but=this)
            messages.success(request, "You are logged in here alone.")
        elif not (end.isdecimal() and len(end) < 19 and sessions.end(request.user, int(end))):
            messages.info(request, "You were not logged in there any more.")
        else:
            messages.success(request, "You are logged out there.")
        return redirect("account_sessions")
    found = sessions.of(request.user, this)
    context = {"sessions": found, "others": any(not each.is_this for each in found)}
    return render(request, "accounts/sessions.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apps_page(request):
    """Apps that act for a person, and those that they registered."""
    form = AppForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            app = delegations.register(user=request.user, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"“{app.name}” may ask people now.")
            return redirect("account_apps")
    context = {
        "allowed": delegations.of(request.user),
        "own": delegations.apps_of(request.user),
        "form": form,
    }
    return render(request, "accounts/apps.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def revoke_app(request, pk):
    if delegations.revoke(user=request.user, app=pk, by=request.user):
        messages.success(request, "It acts for you no more.")
    else:
        messages.info(request, "It did not act for you any more.")
    return redirect("account_apps")


@login_required
@require_POST
def withdraw_app(request, pk):
    app = get_object_or_404(Application, pk=pk, user=request.user)
    delegations.withdraw(app=app, by=request.user)
    messages.success(request, f"“{app.name}” is gone, and acts for nobody.")
    return redirect("account_apps")


@method_decorator(never_cache, name="dispatch")
class Authorize(AuthorizationView):
    """Asks a person whether an app may act for them."""

    template_name = "accounts/authorize.html"

    def validate_authorization_request(self, request):
        """A challenge that is no digest is refused before anybody is asked; the library would after they said yes."""
        scopes, credentials = super().validate_authorization_request(request)
        if credentials.get("code_challenge_method") != "S256":
            wrong = InvalidRequestError("Use code_challenge_method=S256.", request=credentials["request"])
            raise OAuthToolkitError(error=wrong, redirect_uri=credentials["redirect_uri"])
        return scopes, credentials

    def render_to_response(self, context, **kwargs):
        response = super().render_to_response(context, **kwargs)
        back = urlsplit(context.get("redirect_uri") or "")
        if context.get("application") and back.hostname:
            # Browsers ask form-action for where the answer of a form leads on to, as well.
            response._csp_update = {"form-action": [f"{back.scheme}://{back.netloc}"]}
        return response
