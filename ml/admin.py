"""What staff look at: runs, models and promotions are made by actions, on their own pages."""

from django.contrib import admin

from ml.models import Model, Promotion, TrainingRun
from species.admin.rows import ReadOnlyAdmin


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    list_display = ["created", "kind", "dataset", "job", "created_by", "finished_at"]
    list_filter = ["kind", "dataset", "finished_at"]
    search_fields = ["id", "dataset", "created_by"]
    list_select_related = ["dataset", "job", "created_by"]


@admin.register(Model)
class ModelAdmin(ReadOnlyAdmin):
    list_display = ["version", "architecture", "run", "sha256", "created"]
    list_filter = ["architecture", "created"]
    list_select_related = ["run"]
    search_fields = ["id", "sha256", "architecture"]


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    list_display = ["model", "by", "reason", "created", "ended_at"]
    list_filter = ["ended_at"]
    list_select_related = ["model", "by"]
