"""Imports, and which of them were taken back."""

from django.contrib import admin

from species.admin.rows import ReadOnlyAdmin
from species.models import BatchWithdrawal, ImportBatch


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "source", "operator", "licence", "credit", "consents", "created"]
    list_filter = ["licence", "created"]
    list_select_related = ["source", "operator"]
    search_fields = ["id", "source", "operator"]


@admin.register(BatchWithdrawal)
class BatchWithdrawalAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "batch", "by", "reason", "restored_at"]
    list_filter = ["created"]
    list_select_related = ["batch", "by"]
    search_fields = ["id", "batch", "by"]
