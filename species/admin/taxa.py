"""The tree of names."""

from django import forms
from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q

from look.admin import CALLED, ListAdmin
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
class TaxonAdmin(ListAdmin):
    form = TaxonForm
    list_display = ["scientific_name", "english", "label", "rank", "parent", "second_parent", "synonym_of",
                    "sensitive", "provisional"]  # fmt: skip
    list_filter = ["rank", "sensitive", "provisional"]
    list_select_related = ["parent", "second_parent", "synonym_of"]
    search_fields = ["id", "scientific_name", "label", "common_names"]
    ordering = ["scientific_name"]
    sortable_by = ["scientific_name", "label"]
    list_per_page = 100
    autocomplete_fields = ["parent", "second_parent", "synonym_of"]
    readonly_fields = ["id", "created"]

    def found(self, request, text):
        """As everywhere, and synonyms by their letters besides: here they are edited."""
        return super().found(request, text) | Q(pk__in=[taxon.pk for taxon in taxon_queries.search(text)])

    def called(self, text):
        """What a search proposes everywhere, by its synonyms too: rows may still have one."""
        accepted = [taxon.pk for taxon in taxon_queries.search(text)]
        synonyms = Taxon.objects.filter(synonym_of__in=accepted).order_by("pk").values_list("pk", flat=True)
        return [*accepted, *synonyms[:CALLED]]

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
    ordering = ["-id"]
