from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account import forms as allauth
from allauth.account.fields import EmailField
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone

from accounts import actions, addresses, keys, names, token_scopes
from accounts.models import Licence, News, Privacy, Surroundings, TimePrecision, User
from accounts.token_scopes import TokenScope
from look.site import site


class AddressField(EmailField):
    """An address in its one form (`addresses.normal`)."""

    def to_python(self, value):
        value = super().to_python(value)
        try:
            return value and addresses.normal(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class NameField(forms.CharField):
    """What a person is called, as it is kept and shown (`names.clean`)."""

    def __init__(self, **options):
        super().__init__(error_messages={"required": names.EMPTY}, **options)
        self.widget.attrs["maxlength"] = names.LONGEST

    def to_python(self, value):
        value = super().to_python(value)
        try:
            return value and names.clean(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error


def asks_by_mail() -> bool:
    """Whether an account can be used only after a link sent to its address was followed."""
    return app_settings.EMAIL_VERIFICATION == app_settings.EmailVerificationMethod.MANDATORY


class LoginForm(allauth.LoginForm):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.fields["login"] = AddressField()


class SignupForm(allauth.SignupForm):
    display_name = NameField(
        label="What should we call you?", help_text="Shown beside your photos and opinions."
    )
    email = AddressField()
    field_order = ["display_name", "email", "password1", "password2"]

    def clean(self):
        cleaned = super().clean()
        if "display_name" in cleaned:
            actions.refuse_name_of_staff(cleaned["display_name"])
        return cleaned

    def validate_unique_email(self, value):
        """Where a mail can say it to its owner alone, nobody else learns that an address is known here."""
        if actions.holder_of(value):
            self.account_already_exists = True
            if not asks_by_mail():
                raise ValidationError(actions.TAKEN)
        return value

    def try_save(self, request):
        try:
            return super().try_save(request)
        except ValidationError as error:
            # Somebody was quicker, between the question and the answer.
            messages.error(request, error.messages[0])
            return None, redirect("account_signup")

    def save(self, request):
        return actions.sign_up(
            email=self.cleaned_data["email"],
            password=self.cleaned_data["password1"],
            display_name=self.cleaned_data["display_name"],
            confirmed=False,
        )


class ResetPasswordForm(allauth.ResetPasswordForm):
    """The link goes to an account's confirmed address; or to that of one in which nobody ever was."""

    email = AddressField()

    def clean_email(self):
        user = User.objects.by_address(self.cleaned_data["email"])
        # Who is leaving may have to, to call that back.
        here = user and (user.is_active or user.is_leaving)
        knows = here and (user.has_confirmed_address or user.last_login is None)
        self.users = [user] if knows else []
        return self.cleaned_data["email"]


class AddressForm(forms.Form):
    email = AddressField(label="New address")


class DefaultsForm(forms.Form):
    display_name = NameField(label="Name")
    licence = forms.ChoiceField(label="Licence for new photos", choices=Licence.choices)
    privacy = forms.ChoiceField(
        label="Places of new sightings, for others",
        choices=Privacy.choices,
        help_text="Where a protected species lives, never more than a rough area is told.",
    )
    time_precision = forms.ChoiceField(
        required=False,
        label="When others see it, where they don’t see the place as it is",
        choices=TimePrecision.choices,
    )
    surroundings = forms.ChoiceField(
        required=False,
        label="What of the photo others see, where they don’t see the place as it is",
        choices=Surroundings.choices,
        help_text="What stands around can give the place away.",
    )
    show = forms.BooleanField(label="Show my photos here", required=False)
    research = forms.BooleanField(label="Researchers may use them in datasets", required=False)
    train = forms.BooleanField(label="Models may learn from them", required=False)

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        if not settings.PLACES:
            for name in ("privacy", "time_precision", "surroundings"):
                del self.fields[name]


class NewsForm(forms.Form):
    news = forms.MultipleChoiceField(
        label="Tell me when",
        required=False,
        choices=News.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Answers to what you ask or report yourself always come.",
    )


class KeysForm(forms.Form):
    """One field for each key that can be changed, called as what it does. `reviews`: those of the review page, too."""

    def __init__(self, *args, reviews: bool = False, **options) -> None:
        super().__init__(*args, **options)
        self.pages = ("room", "review") if reviews else ("room",)
        one = site()["noun"]["one"]
        quiet = {"maxlength": 1, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        for action, key in keys.CHANGEABLE.items():
            if keys.PAGE_OF[action] not in self.pages:
                continue
            self.fields[action] = forms.CharField(
                label=key.words.format(one=one),
                required=False,
                strip=False,
                max_length=20,
                widget=forms.TextInput(quiet | {"class": "onekey"}),
            )

    def groups(self) -> list[tuple[str, list[forms.BoundField], list[keys.Key]]]:
        """As the pages' lists have them: fields, and those keys that nobody changes."""
        return [
            (
                name,
                [self[each.action] for each in found if not each.fixed],
                [each for each in found if each.fixed],
            )
            for page in self.pages
            for name, found in keys.PAGES[page].items()
        ]


class AppForm(forms.Form):
    name = forms.CharField(
        label="What is it called?", max_length=80, help_text="People are asked by this name."
    )
    addresses = forms.CharField(
        label="Where does it have people sent back to?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="https://…, each on a line; http://127.0.0.1:… for a program on one’s own machine.",
    )

    def clean_addresses(self) -> list[str]:
        return [each.strip() for each in self.cleaned_data["addresses"].splitlines() if each.strip()]


class TokenForm(forms.Form):
    LASTS = {"30": "30 days", "90": "90 days", "365": "A year", "0": "Until I revoke it"}

    name = forms.CharField(
        label="What is it for?", max_length=80, help_text="So that you know which one to revoke."
    )
    scopes = forms.MultipleChoiceField(
        label="What may it do?",
        choices=TokenScope.choices,
        initial=token_scopes.everything,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that it may."},
    )
    lasts = forms.ChoiceField(label="How long does it last?", choices=LASTS.items, initial="365")

    def said(self) -> dict[str, Any]:
        """As `accounts.actions.make_token` takes it."""
        data = self.cleaned_data
        days = int(data["lasts"])
        expires_at = timezone.now() + timedelta(days=days) if days else None
        return {"name": data["name"], "scopes": data["scopes"], "expires_at": expires_at}
