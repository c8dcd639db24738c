"""The tree of names."""

from django.contrib import admin

from species.actions import taxa
from species.models import (
    Taxon,
)


@admin.register(Taxon)
class TaxonAdmin(admin.ModelAdmin):
    list_display = ["scientific_name", "english", "label", "rank", "parent", "second_parent", "synonym_of",
                    "sensitive", "provisional"]  # fmt: skip
    list_filter = ["rank", "sensitive", "provisional"]
    list_select_related = ["parent", "second_parent", "synonym_of"]
    search_fields = ["scientific_name", "label", "common_names"]
    autocomplete_fields = ["parent", "second_parent", "synonym_of"]
    readonly_fields = ["id", "created"]

    @admin.display(description="English name")
    def english(self, taxon):
        return taxon.common_names.get("en", "")

    def save_model(self, request, obj, form, change):
        """A taxon that became sensitive hides where anybody has named it; by a job, so that no lock is long."""
        super().save_model(request, obj, form, change)
        if {"sensitive", "parent", "second_parent", "synonym_of"} & set(form.changed_data):
            taxa.settle_later(taxa=[obj], by=request.user)

    def has_delete_permission(self, request, obj=None):
        return False
