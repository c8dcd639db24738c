from django.contrib import admin

from ml.models import Model, Promotion, TrainingRun


class ReadOnly(admin.ModelAdmin):
    """Runs, models and promotions are made by actions, on their own pages."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnly):
    list_display = ["created", "kind", "dataset", "job", "created_by", "finished_at"]
    list_filter = ["kind", "dataset", "finished_at"]
    list_select_related = ["dataset", "job", "created_by"]
    date_hierarchy = "created"


@admin.register(Model)
class ModelAdmin(ReadOnly):
    list_display = ["version", "architecture", "run", "sha256", "created"]
    list_filter = ["architecture"]
    list_select_related = ["run"]
    search_fields = ["sha256", "architecture"]


@admin.register(Promotion)
class PromotionAdmin(ReadOnly):
    list_display = ["model", "by", "reason", "created", "ended_at"]
    list_filter = ["ended_at"]
    list_select_related = ["model", "by"]
