from django.contrib import admin

from look.admin import ListAdmin
from notices import actions
from notices.models import Letter, Notification


@admin.register(Notification)
class NotificationAdmin(ListAdmin):
    list_display = ["text", "kind", "user", "created", "read_at"]
    list_filter = ["created", "read_at"]
    list_select_related = ["user"]
    search_fields = ["id", "user"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.action(description="They are dealt with")
def resolve_letters(modeladmin, request, queryset):
    for letter in queryset:
        actions.resolve(letter=letter, by=request.user)


@admin.register(Letter)
class LetterAdmin(ListAdmin):
    list_display = ["kind", "about", "name", "created", "resolved_at"]
    list_filter = ["kind", "created", "resolved_at"]
    search_fields = ["id", "by"]
    actions = [resolve_letters]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        # The list asks this, too, and would offer no action without it.
        return obj is None and super().has_change_permission(request)
