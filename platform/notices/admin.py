from django.contrib import admin

from notices.models import Notification


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):
    list_display = ["text", "kind", "user", "created", "read_at"]
    list_filter = ["kind", "created", "read_at"]
    list_select_related = ["user"]
    search_fields = ["text", "user__display_name"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
