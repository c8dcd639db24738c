from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.admin import Authenticator
from allauth.usersessions.admin import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.forms import ReadOnlyPasswordHashField
from django.core.exceptions import ValidationError
from django.db.models.functions import Length
from oauth2_provider import admin as theirs
from oauth2_provider.models import AccessToken, Application, IDToken, RefreshToken
from oauth2_provider.models import Grant as Code

from accounts import actions, delegations, scopes
from accounts.forms import AddressField, NameField
from accounts.models import ApiToken, Departure, Grant, KeptAnswer, PersonEdit, User, Withheld, named
from look.admin import CALLED, ListAdmin


class UserForm(forms.ModelForm):
    email = AddressField(help_text="You answer for it being theirs. They log in with it from now on.")
    display_name = NameField()
    password = ReadOnlyPasswordHashField(help_text="Passwords are reset by mail, never set here.")

    class Meta:
        model = User
        fields = ["email", "display_name", "role", "is_active", "licence", "password"]


class NoSecretsAdmin(ListAdmin):
    """Django lets an address filter by any column of the table: a hash would be read out letter by letter."""

    SECRETS = {"password", "digest"}

    def lookup_allowed(self, lookup, value, request=None):
        return not self.SECRETS & set(lookup.split("__")) and super().lookup_allowed(lookup, value, request)


admin.site.unregister(EmailAddress)
# Where somebody is logged in, and with what, is theirs alone to see.
admin.site.unregister([UserSession, Authenticator])


@admin.register(EmailAddress)
class AddressAdmin(ListAdmin, EmailAddressAdmin):
    ordering = ["-id"]
    list_select_related = ["user"]
    search_fields = ["user", "email"]

    def get_search_fields(self, request):
        return self.search_fields


@admin.register(User)
class UserAdmin(NoSecretsAdmin):
    form = UserForm
    list_display = ["display_name", "email", "role", "is_active", "is_source", "created"]
    list_filter = ["role", "is_active", "is_source"]
    search_fields = ["id", "display_name", "email"]
    readonly_fields = ["id", "created", "is_source"]

    def called(self, text):
        """By name alone: reviewers search too, and addresses are not theirs to know. The shortest first: a name that
        is just this is among them, however many hold it.
        """
        people = User.objects.filter(display_name__icontains=text)
        return people.order_by(Length("display_name"), "pk").values_list("pk", flat=True)[:CALLED]

    def get_readonly_fields(self, request, obj=None):
        """Nobody takes the admin role from themselves, and a source account is never woken up."""
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "role", "is_active"] if obj == request.user or (obj and obj.is_source) else fixed

    def save_model(self, request, obj, form, change):
        if "role" in form.changed_data:
            actions.set_role(user=obj, role=obj.role, by=request.user)
        if "email" in form.changed_data:
            actions.set_address(user=obj, email=obj.email, by=request.user)
        before = actions.said(obj)
        super().save_model(request, obj, form, change)
        actions.write_edit(user=obj, before=before, by=request.user)
        named.send(sender=User, user=obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def has_add_permission(self, request):
        return False


@admin.action(description="Take back")
def revoke_grants(modeladmin, request, queryset):
    for grant in queryset:
        actions.revoke(grant=grant, by=request.user)


class PersonField(forms.ModelChoiceField):
    """Names are chosen freely; an address is one person's."""

    def label_from_instance(self, user):
        return f"{user.display_name} ({user.email})"


class GrantForm(forms.ModelForm):
    user = PersonField(User.objects.filter(is_active=True))

    class Meta:
        model = Grant
        fields = ["user", "scope", "purpose", "until"]
        help_texts = {"scope": scopes.FORMS}

    def clean_scope(self):
        try:
            return scopes.read(self.cleaned_data["scope"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Grant)
class GrantAdmin(ListAdmin):
    """Given and taken back, never rewritten: it says who was let in, to what and why."""

    form = GrantForm
    list_display = ["user", "scope", "purpose", "until", "revoked_at", "granted_by"]
    list_filter = ["revoked_at", "until"]
    search_fields = ["id", "user", "scope", "purpose"]
    actions = [revoke_grants]
    list_select_related = ["user", "granted_by"]
    fields = ["user", "scope", "purpose", "until"]

    def save_model(self, request, obj, form, change):
        given = actions.grant(
            user=obj.user, scope=obj.scope, purpose=obj.purpose, until=obj.until, by=request.user
        )
        obj.pk = given.pk

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(NoSecretsAdmin):
    list_display = ["name", "user", "prefix", "created", "last_used_at", "expires_at", "revoked_at"]
    list_filter = ["revoked_at"]
    list_select_related = ["user"]
    search_fields = ["id", "user"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


# Of apps that act for people: which there are, staff see and register; what opens something nobody sees.
for model in (Application, AccessToken, RefreshToken, Code, IDToken):
    theirs.admin.site.unregister(model)


class ApplicationForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ["name", "user", "redirect_uris"]

    def clean_redirect_uris(self):
        for each in self.cleaned_data["redirect_uris"].split():
            try:
                delegations.check_address(each)
            except ValidationError as error:
                raise ValidationError(error.messages) from error
        return self.cleaned_data["redirect_uris"]

    def clean(self):
        delegations.narrow(self.instance)
        return super().clean()


@admin.register(Application)
class ApplicationAdmin(NoSecretsAdmin):
    SECRETS = {"client_secret"}

    form = ApplicationForm
    list_display = ["name", "user", "client_id", "created"]
    list_select_related = ["user"]
    search_fields = ["user"]
    readonly_fields = ["client_id", "created"]


@admin.register(KeptAnswer)
class KeptAnswerAdmin(NoSecretsAdmin):
    list_display = ["key", "user", "status", "location", "created"]
    list_filter = ["status"]
    list_select_related = ["user"]
    search_fields = ["user", "key"]
    exclude = ["body"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Withheld)
class WithheldAdmin(NoSecretsAdmin):
    """Photos that reviewers hid with a suspension or a rollback, which give them back; read-only."""

    list_display = ["user", "since", "until", "ended_at"]
    list_filter = ["ended_at"]
    ordering = ["-until", "-id"]
    list_select_related = ["user"]
    search_fields = ["id", "user"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(PersonEdit)
class PersonEditAdmin(NoSecretsAdmin):
    """Who changed what of whose account and when, with what it said before and after; for admins, and read-only."""

    list_display = ["person", "what", "by", "created"]
    list_filter = ["created"]
    list_select_related = ["person", "by"]
    search_fields = ["id", "person", "by"]
    fields = readonly_fields = ["person", "by", "before", "after", "created"]

    @admin.display(description="Changed")
    def what(self, edit):
        return ", ".join(sorted(edit.after))

    def has_view_permission(self, request, obj=None):
        return request.user.is_admin

    def has_module_permission(self, request):
        return request.user.is_admin

    def has_add_permission(self, request):
        return False


@admin.register(Departure)
class DepartureAdmin(ListAdmin):
    """Accounts that are being deleted, and those that were."""

    ordering = ["-asked", "user"]
    list_display = ["user", "photos", "words", "asked", "due", "done"]
    list_filter = ["photos", "words", "done"]
    list_select_related = ["user"]
    search_fields = ["user"]
    # Nobody is shown any more what they were called.
    exclude = ["display_name"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
