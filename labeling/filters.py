"""What lists can be asked for. Explore's page and `/api/v1/occurrences` have the same filters."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.dates import MONTHS
from django_filters import rest_framework as filters
from django_filters.utils import translate_validation
from rest_framework.exceptions import ValidationError

from accounts.models import Licence
from labeling.forms.campaigns import CampaignField
from labeling.forms.fields import TaxonField
from labeling.models import Comment, Flag, Pass, Suggestion
from labeling.queries import comments, gallery, sets, words
from labeling.queries.listing import changed_since
from look.site import site
from species.filters import SYNC, BoxFilter, CellFilter, MomentFilter, YesOrNoFilter
from species.models import MARK_LENGTH, Occurrence, OccurrencePhoto, Status
from species.queries import taxa

SEARCH = {"type": "search", "placeholder": site()["searched"]}
DATE = {"type": "date"}
OF_PHOTOS = ("licence", "drawn")
SEVERAL = ("licence", "month")  # may be said more than once


class Days(forms.Form):
    def clean(self) -> dict:
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "The end lies before the beginning.")
        return cleaned


class TaxonFilter(filters.CharFilter):
    field_class = TaxonField


class CampaignFilter(filters.CharFilter):
    field_class = CampaignField


class WholeFilter(filters.NumberFilter):
    field_class = forms.IntegerField


class OccurrenceFilter(filters.FilterSet):
    """All optional; places are only ever asked for by what is public of them."""

    q = filters.CharFilter(
        method="ask", label="Search", max_length=200, widget=forms.TextInput(attrs=SEARCH), help_text=None
    )
    taxon = TaxonFilter(method="of_taxon", label="Name or group")
    status = filters.ChoiceFilter(choices=Status.choices, label="Verdict", empty_label="Any")
    place = filters.CharFilter(method="ask", label="Where", max_length=160)
    who = filters.CharFilter(method="ask", label="Who added it", max_length=80)
    since = filters.DateFilter(
        method="in_days",
        label="From",
        widget=forms.DateInput(attrs=DATE),
    )
    until = filters.DateFilter(
        method="in_days",
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
    cell = CellFilter(
        method="ask",
        label="Hexagon of the map",
        help_text="An H3 cell of resolution 1 to 5, e.g. 851f8e07fffffff",
    )
    difficulty = filters.ChoiceFilter(
        method="ask", choices=sets.Difficulty.choices, label="Difficulty", empty_label="Any"
    )
    campaign = CampaignFilter(method="of_campaign", label="Campaign", max_length=80)
    observation = filters.UUIDFilter(field_name="observation", label="Sighting")
    updated_since = MomentFilter(
        field_name="observation__updated", lookup_expr="gte", label="Changed since", help_text=SYNC
    )

    class Meta:
        model = Occurrence
        form = Days
        fields: list[str] = []

    ASKED = {
        "q": words.search,
        "place": words.named_place,
        "who": words.by_whom,
        "month": gallery.in_months,
        "bbox": gallery.in_bbox,
        "days": lambda days: gallery.in_days(*days),
        "cell": gallery.in_cell,
        "difficulty": sets.of_difficulty,
    }
    # What else is known of whatever is asked for: its verdict is one of these.
    STATUSES: Collection[str] = ()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._made: dict[tuple[str, str], Q] = {}
        self._inside: list[UUID] = []

    def ask(self, queryset, name, value):
        return queryset.filter(self._condition(name, value)) if value else queryset

    def of_taxon(self, queryset, name, value):
        status = self.form.cleaned_data["status"]
        return queryset.filter(self._condition(name, value, status)) if value else queryset

    def of_campaign(self, queryset, name, value):
        """What the campaign asks for, of what is asked for besides."""
        if not value:
            return queryset
        inside = type(self)(QueryDict(value.query), queryset=queryset)
        # A name that it asks for may be gone since.
        return inside.qs if inside.form.is_valid() else queryset.none()

    def in_days(self, queryset, name, value):
        """Both ends at once, by whichever comes first."""
        first, last = (self.form.cleaned_data.get(each) for each in ("since", "until"))
        if not value or (name == "until" and first):
            return queryset
        return queryset.filter(self._condition("days", (first, last)))

    def whatever_the_status(self) -> QuerySet[Occurrence]:
        """What is asked for but for the verdict, whose counts stand beside each other."""
        found = self.queryset
        for name, value in self.form.cleaned_data.items():
            if name == "taxon" and value:
                found = found.filter(self._condition(name, value))
            elif name not in ("taxon", "status"):
                found = self.filters[name].filter(found, value)
        return found

    def _condition(self, name: str, value: Any, status: str = "") -> Q:
        """Made once, since most of them ask the database: a page asks with a verdict and without."""
        if (name, status) not in self._made:
            if name == "taxon":
                self._inside = self._inside or taxa.inside(
                    [value], taxa.tree(self.form.fields["taxon"].version)
                )
                self._made[name, status] = gallery.of_taxa(
                    self._inside, [status] if status else self.STATUSES
                )
            else:
                self._made[name, status] = self.ASKED[name](value)
        return self._made[name, status]


class WaitingFilter(OccurrenceFilter):
    """The same, of what waits for a name."""

    STATUSES = sets.WAITING
    # Whoever is handed only what is said to be one of these is told so before they answer.
    NAMES = ("taxon", "q")

    def checked(self) -> dict[str, Any]:
        """What is asked for, by name. Raises ValidationError."""
        if not self.is_valid():
            raise translate_validation(self.errors)
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    @property
    def tells_names(self) -> bool:
        """Whether what is asked for says what others call what it finds. Of a filter that is valid."""
        values = self.form.cleaned_data
        campaign = values.get("campaign")
        inside = QueryDict(campaign.query) if campaign else {}
        return any(values.get(name) or inside.get(name) for name in self.NAMES)


class VerifiedFilter(OccurrenceFilter):
    """The same, of what is verified, and which of their photos: what a dataset can be asked to hold. Neither what
    changes while it is read (a campaign, what changed since) nor what is said of others' verdicts.
    """

    STATUSES = (Status.VERIFIED,)
    status = difficulty = campaign = observation = updated_since = None
    licence = filters.TypedMultipleChoiceFilter(
        method="of_photos",
        label="Licences",
        choices=[(value, word.split(":")[0]) for value, word in Licence.choices if value != Licence.NONE],
        widget=forms.CheckboxSelectMultiple,
    )
    drawn = filters.ChoiceFilter(
        method="of_photos",
        label="Drawings",
        choices=[("true", "Drawings alone"), ("false", "Photographs alone")],
        empty_label="Both",
    )

    def of_taxon(self, queryset, name, value):
        """By what is handed on of it, which may be less than people agree on."""
        if not value:
            return queryset
        version = self.form.fields["taxon"].version
        return queryset.filter(exported_taxon__in=taxa.inside([value], taxa.tree(version)))

    def of_photos(self, queryset, name, value):
        """Both at once, by whichever comes first: on one and the same photo."""
        asked = [each for each in OF_PHOTOS if self.form.cleaned_data.get(each)]
        if name not in asked[:1]:
            return queryset
        on = OccurrencePhoto.objects.filter(self.photos("photo__"), occurrence=OuterRef("pk"))
        return queryset.filter(Exists(on))

    def photos(self, path: str = "") -> Q:
        """Which photos are asked for, from a row that leads to them by `path`. Of a filter that is valid."""
        values = self.form.cleaned_data
        wanted = Q()
        if values.get("licence"):
            wanted &= Q(**{f"{path}licence__in": values["licence"]})
        if values.get("drawn"):
            wanted &= Q(**{f"{path}drawn": values["drawn"] == "true"})
        return wanted

    def checked(self) -> dict[str, Any]:
        """What is asked for, by name. Raises ValidationError."""
        if not self.is_valid():
            raise translate_validation(self.errors)
        return {name: value for name, value in self.form.cleaned_data.items() if value}


def query_of(asked: Mapping[str, Any], filterset: type[OccurrenceFilter] = OccurrenceFilter) -> str:
    """The filters among some parameters as the one query that means them: in the order of their names, none empty."""
    given = {name: asked.getlist(name) if isinstance(asked, QueryDict) else [asked[name]] for name in asked}
    kept = [(name, [each for each in given[name] if each]) for name in sorted(given)]
    return urlencode([each for each in kept if each[0] in filterset.base_filters], doseq=True)


class CellsFilter(OccurrenceFilter):
    """Of the counts by hexagon: a part of the map, and what is counted there. A hexagon that is looked at leaves out no
    other, and what changed can be counted by nobody.
    """

    cell = updated_since = None
    view = BoxFilter(
        method="as_it_is", help_text="West, south, east, north in degrees; without it, the world"
    )
    zoom = WholeFilter(
        method="as_it_is", min_value=0, max_value=20, help_text="Of a Web Mercator map; without it, 3"
    )

    def as_it_is(self, queryset, name, value):
        return queryset

    def checked(self) -> dict[str, Any]:
        """What is asked for, by name. Raises ValidationError."""
        if not self.is_valid():
            raise translate_validation(self.errors)
        return self.form.cleaned_data


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


class PassFilter(filters.FilterSet):
    """`standing=true`: not taken back."""

    occurrence = filters.UUIDFilter(field_name="occurrence")
    standing = YesOrNoFilter(field_name="withdrawn_at", lookup_expr="isnull")

    class Meta:
        model = Pass
        fields = ["kind", "reason"]


class SuggestionFilter(filters.FilterSet):
    photo = filters.UUIDFilter(field_name="photo")
    occurrence = filters.UUIDFilter(field_name="photo__occurrence_photos__occurrence")
    source = filters.CharFilter(field_name="source", help_text="The name of a model.")

    class Meta:
        model = Suggestion
        fields: list[str] = []


class DrawnFilter(IdentificationFilter):
    photo = filters.UUIDFilter(field_name="photo")


class FieldMarkFilter(DrawnFilter):
    """`taxon`: a label, of marks of this taxon and of all under it."""

    taxon = filters.CharFilter(method="of_taxon")
    mark = filters.CharFilter(field_name="mark", max_length=MARK_LENGTH)

    def of_taxon(self, queryset, name, value):
        taxon = taxa.by_label(value)
        if taxon is None:
            raise ValidationError({"taxon": [taxa.no_such_label(value)]})
        return queryset.filter(taxon__in=taxa.descendants(taxon))


class AllBoxedFilter(filters.FilterSet):
    photo = filters.UUIDFilter(field_name="photo")
    person = filters.UUIDFilter(field_name="person")
    standing = YesOrNoFilter(field_name="withdrawn_at", lookup_expr="isnull")
    holds = YesOrNoFilter(field_name="holds")


class RulingFilter(SaidFilter):
    source = filters.UUIDFilter(field_name="source")


class CommentFilter(filters.FilterSet):
    observation = filters.UUIDFilter(field_name="observation")
    person = filters.UUIDFilter(field_name="person")
    standing = YesOrNoFilter(field_name="withdrawn_at", lookup_expr="isnull")
    updated_since = MomentFilter(method="changed", help_text=SYNC)

    class Meta:
        model = Comment
        fields: list[str] = []

    def changed(self, queryset, name, value):
        return comments.changed_since(queryset, value)


class FlagFilter(filters.FilterSet):
    photo = filters.UUIDFilter(field_name="photo")
    kind = filters.ChoiceFilter(choices=Flag.Kind.choices)
    open = YesOrNoFilter(field_name="resolved_at", lookup_expr="isnull")

    class Meta:
        model = Flag
        fields: list[str] = []
