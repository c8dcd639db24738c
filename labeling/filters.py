"""What lists can be asked for. Explore's page and `/api/v1/occurrences` have the same filters."""

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.dates import MONTHS
from django_filters import rest_framework as filters

from labeling.forms.fields import TaxonField
from labeling.models import Flag
from labeling.queries import gallery
from labeling.queries.listing import changed_since
from species.filters import SYNC, BoxFilter, MomentFilter, YesOrNoFilter
from species.models import Occurrence, Status
from species.queries import taxa

SEARCH = {"type": "search", "placeholder": "Name, place or person" if settings.PLACES else "Name or person"}
DATE = {"type": "date"}


class Days(forms.Form):
    def clean(self) -> dict:
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "The end lies before the beginning.")
        return cleaned


class TaxonFilter(filters.CharFilter):
    field_class = TaxonField


class OccurrenceFilter(filters.FilterSet):
    """All optional; places are only ever asked for by what is public of them."""

    q = filters.CharFilter(
        method="ask", label="Search", max_length=200, widget=forms.TextInput(attrs=SEARCH), help_text=None
    )
    taxon = TaxonFilter(method="ask", label="Name or group")
    status = filters.ChoiceFilter(choices=Status.choices, label="Verdict", empty_label="Any")
    place = filters.CharFilter(method="ask", label="Where", max_length=160)
    who = filters.CharFilter(method="ask", label="Who added it", max_length=80)
    since = filters.DateFilter(
        field_name="observation__local_date",
        lookup_expr="gte",
        label="From",
        widget=forms.DateInput(attrs=DATE),
    )
    until = filters.DateFilter(
        field_name="observation__local_date",
        lookup_expr="lte",
        label="To",
        widget=forms.DateInput(attrs=DATE),
    )
    month = filters.TypedMultipleChoiceFilter(
        method="ask",
        coerce=int,
        label="Months, in any year",
        choices=list(MONTHS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    bbox = BoxFilter(
        method="ask",
        label="Box on the map",
        help_text="West, south, east, north in degrees, e.g. 9.5,46.4,17.2,49",
    )
    observation = filters.UUIDFilter(field_name="observation", label="Sighting")
    updated_since = MomentFilter(
        field_name="observation__updated", lookup_expr="gte", label="Changed since", help_text=SYNC
    )

    class Meta:
        model = Occurrence
        form = Days
        fields: list[str] = []

    ASKED = {
        "q": gallery.search,
        "taxon": lambda taxon: gallery.of_taxa(taxa.inside([taxon])),
        "place": gallery.named_place,
        "who": gallery.by_whom,
        "month": gallery.in_months,
        "bbox": gallery.in_bbox,
    }

    def ask(self, queryset, name, value):
        return queryset.filter(self.ASKED[name](value)) if value else queryset

    def whatever_the_status(self) -> QuerySet[Occurrence]:
        """What is asked for but for the verdict, whose counts stand beside each other."""
        found = self.queryset
        for name, value in self.form.cleaned_data.items():
            if name != "status":
                found = self.filters[name].filter(found, value)
        return found


class SaidFilter(filters.FilterSet):
    """What every list of what people say can be asked for."""

    # By id as such: a choice of rows would tell hidden ones from those that don't exist.
    occurrence = filters.UUIDFilter(field_name="occurrence")
    standing = YesOrNoFilter(field_name="withdrawn_at", lookup_expr="isnull")
    updated_since = MomentFilter(method="changed", help_text=SYNC)

    def changed(self, queryset, name, value):
        return changed_since(queryset, value)


class IdentificationFilter(SaidFilter):
    person = filters.UUIDFilter(field_name="person")


class DrawnFilter(IdentificationFilter):
    photo = filters.UUIDFilter(field_name="photo")


class RulingFilter(SaidFilter):
    source = filters.UUIDFilter(field_name="source")


class FlagFilter(filters.FilterSet):
    photo = filters.UUIDFilter(field_name="photo")
    kind = filters.ChoiceFilter(choices=Flag.Kind.choices)
    open = YesOrNoFilter(field_name="resolved_at", lookup_expr="isnull")

    class Meta:
        model = Flag
        fields: list[str] = []
