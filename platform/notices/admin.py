from django.contrib import admin

from look.admin import ListAdmin
from notices.models import Notification


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
