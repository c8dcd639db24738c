from django.contrib import admin

from accounts.admin import NoSecretsAdmin
from webhooks import actions
from webhooks.models import Delivery, Endpoint, Message

BY_ADMIN = "Whoever runs this site switched it off."


class WebhookAdmin(NoSecretsAdmin):
    """To look; what listens where is its owner's to say."""

    SECRETS = NoSecretsAdmin.SECRETS | {"secret", "former_secret"}

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.action(description="Switch off, and tell their owners")
def switch_off(modeladmin, request, queryset):
    for endpoint in queryset:
        actions.give_up(endpoint=endpoint, reason=BY_ADMIN)


@admin.register(Endpoint)
class EndpointAdmin(WebhookAdmin):
    list_display = ["__str__", "user", "active", "failing_since", "tried_at", "created"]
    list_filter = ["active", "created"]
    list_select_related = ["user"]
    search_fields = ["id", "user"]
    exclude = ["secret", "former_secret"]
    actions = [switch_off]


@admin.register(Message)
class MessageAdmin(WebhookAdmin):
    list_display = ["type", "id", "created"]
    list_filter = ["created"]
    search_fields = ["id"]


@admin.register(Delivery)
class DeliveryAdmin(WebhookAdmin):
    list_display = ["message", "endpoint", "attempts", "next_at", "last_status", "last_error", "created"]
    list_filter = ["created", "failed_at", "delivered_at"]
    list_select_related = ["message", "endpoint"]
    search_fields = ["id", "endpoint", "message"]
