"""Who signed up from one network, or in one burst, read-only."""

from django.contrib import admin

from labeling.models import SignUp
from species.admin.rows import ReadOnlyAdmin


@admin.register(SignUp)
class SignUpAdmin(ReadOnlyAdmin):
    """Of no address: rows with the same digest belong together, and nothing tells which network it is. Who lives with
    whom is for admins alone.
    """

    list_display = ["person", "network", "burst", "created"]
    list_select_related = ["person"]
    list_filter = ["created"]
    search_fields = ["person"]
    ordering = ["-created", "-person_id"]

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and request.user.is_admin
