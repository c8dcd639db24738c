from django import forms
from django.contrib import admin
from django.contrib.auth.forms import ReadOnlyPasswordHashField

from accounts import actions
from accounts.models import ApiToken, Grant, User


class UserForm(forms.ModelForm):
    password = ReadOnlyPasswordHashField(help_text="Passwords are reset by mail, never set here.")

    class Meta:
        model = User
        fields = ["email", "display_name", "locale", "role", "is_active", "licence", "password"]


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    form = UserForm
    list_display = ["display_name", "email", "role", "is_active", "is_source", "created"]
    list_filter = ["role", "is_active", "is_source"]
    search_fields = ["display_name", "email"]
    readonly_fields = ["id", "created", "is_source"]

    def has_delete_permission(self, request, obj=None):
        return False

    def has_add_permission(self, request):
        return False


@admin.action(description="Take back")
def revoke_grants(modeladmin, request, queryset):
    for grant in queryset:
        actions.revoke(grant=grant, by=request.user)


@admin.register(Grant)
class GrantAdmin(admin.ModelAdmin):
    list_display = ["user", "scope", "purpose", "until", "revoked_at", "granted_by"]
    list_filter = ["revoked_at", "until"]
    search_fields = ["user__display_name", "scope", "purpose"]
    actions = [revoke_grants]
    fields = ["user", "scope", "purpose", "until"]

    def save_model(self, request, obj, form, change):
        if not change:
            obj.granted_by = request.user
        super().save_model(request, obj, form, change)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    list_display = ["name", "user", "prefix", "created", "last_used_at", "revoked_at"]
    list_filter = ["revoked_at"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
