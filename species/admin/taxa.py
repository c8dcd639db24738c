"""The tree of names."""

from django import forms
from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from species.actions import taxa
from species.admin.rows import ReadOnlyAdmin
from species.models import TaxaVersion, Taxon
from species.queries import taxa as taxon_queries


class TaxonForm(forms.ModelForm):
    def validate_unique(self):
        """What the tree must hold to, the database's own constraints among it, in sentences."""
        if self.errors.keys() - {NON_FIELD_ERRORS}:
            return
        self.errors.pop(NON_FIELD_ERRORS, None)  # a constraint by its name, which `check` says in words
        try:
            taxa.check(taxon=self.instance)
        except ValidationError as error:
            self._update_errors(error)


@admin.register(Taxon)
class TaxonAdmin(admin.ModelAdmin):
    form = TaxonForm
    list_display = ["scientific_name", "english", "label", "rank", "parent", "second_parent", "synonym_of",
                    "sensitive", "provisional"]  # fmt: skip
    list_filter = ["rank", "sensitive", "provisional"]
    list_select_related = ["parent", "second_parent", "synonym_of"]
    search_fields = ["scientific_name", "label", "common_names"]
    autocomplete_fields = ["parent", "second_parent", "synonym_of"]
    readonly_fields = ["id", "created"]

    def get_search_results(self, request, queryset, search_term):
        """As everywhere, and synonyms by their letters besides: here they are edited."""
        found, twice = super().get_search_results(request, queryset, search_term)
        if search_term:
            named = [taxon.pk for taxon in taxon_queries.search(search_term)]
            found = found | queryset.filter(pk__in=named)
        return found, twice

    @admin.display(description="English name")
    def english(self, taxon):
        return taxon.names.get("en", "")

    def save_model(self, request, obj, form, change):
        taxa.save(taxon=obj, by=request.user)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(TaxaVersion)
class TaxaVersionAdmin(ReadOnlyAdmin):
    """The database's own mark of a change."""

    list_display = ["version"]
    list_filter = ["version"]
