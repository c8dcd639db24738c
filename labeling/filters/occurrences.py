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

from accounts.models import Licence
from labeling.forms.campaigns import CampaignField
from labeling.forms.fields import TaxonField
from labeling.queries import gallery, narrowed, sets, words
from look.site import site
from species.filters import SYNC, BoxFilter, CellFilter, MomentFilter, PointFilter
from species.models import Occurrence, OccurrencePhoto, Status
from species.queries import taxa
from species.queries.trips import on_trip

SEARCH = {"type": "search", "placeholder": site()["searched"]}
DATE = {"type": "date"}
OF_PHOTOS = ("licence", "drawn")
SEVERAL = ("has", "lacks", "licence", "month")  # may be said more than once


class Days(forms.Form):
    def clean(self) -> dict:
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "The end lies before the beginning.")
        least, most = cleaned.get("agreement_min"), cleaned.get("agreement_max")
        if least is not None and most is not None and least > most:
            self.add_error("agreement_max", "The most is less than the least.")
        if cleaned.get("near") and not cleaned.get("radius") and "radius" not in self.errors:
            self.add_error("radius", "Say how far around, in metres.")
        if cleaned.get("radius") and not cleaned.get("near") and "near" not in self.errors:
            self.add_error("near", "Say around which point.")
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
    near = PointFilter(
        method="around",
        label="Near a point",
        help_text="Latitude and longitude in degrees, e.g. 47.27,11.39; with a radius",
    )
    radius = WholeFilter(
        method="around",
        min_value=1,
        max_value=500_000,
        label="So many metres around it",
        help_text="Of what is told as a square, by the middle of that.",
    )
    uncertainty_max = WholeFilter(
        method="ask", min_value=1, max_value=1_000_000, label="Place known within so many metres"
    )
    has = filters.MultipleChoiceFilter(
        method="ask",
        label="With",
        choices=narrowed.HAS,
        widget=forms.CheckboxSelectMultiple,
        help_text="All of these.",
    )
    lacks = filters.MultipleChoiceFilter(
        method="ask",
        label="Without",
        choices=narrowed.HAS,
        widget=forms.CheckboxSelectMultiple,
        help_text="None of these.",
    )
    identified_by = filters.UUIDFilter(
        method="ask", label="Named by", help_text="The id in the address of a person's page"
    )
    agreement_min = filters.NumberFilter(
        method="of_agreement",
        min_value=0,
        max_value=1,
        label="Agreement of at least",
        help_text="The part, 0 to 1, of those who say what it is that agrees.",
    )
    agreement_max = filters.NumberFilter(
        method="of_agreement", min_value=0.01, max_value=1, label="Agreement of at most"
    )
    model_disagrees = filters.ChoiceFilter(
        method="ask",
        choices=[("true", "A model says otherwise")],
        label="Models",
        empty_label="Any",
        help_text="It is verified, and the last guess of a model is another name.",
    )
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
    trip = filters.UUIDFilter(method="of_trip", label="Trip", help_text="As far as others are told of it")
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
        "near": lambda given: narrowed.around(*given),
        "uncertainty_max": narrowed.known_within,
        "has": narrowed.having,
        "lacks": narrowed.lacking,
        "identified_by": narrowed.named_by,
        "agreement": lambda given: narrowed.of_agreement(*given),
        "model_disagrees": lambda _: narrowed.doubted_by_a_model(),
        "photos": lambda given: narrowed.on_photos(*given),
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

    def around(self, queryset, name, value):
        """Point and radius are one question, asked by the point."""
        radius = self.form.cleaned_data.get("radius")
        if name == "radius" or not (value and radius):
            return queryset
        return queryset.filter(self._condition("near", (value, radius)))

    def of_agreement(self, queryset, name, value):
        """Both ends at once, by whichever comes first."""
        ends = [self.form.cleaned_data.get(f"agreement_{each}") for each in ("min", "max")]
        if value is None or (name == "agreement_max" and ends[0] is not None):
            return queryset
        return queryset.filter(self._condition("agreement", ends))

    def of_photos(self, queryset, name, value):
        """Both at once, by whichever comes first: of one and the same photo, which is shown."""
        values = self.form.cleaned_data
        asked = [each for each in OF_PHOTOS if values.get(each)]
        if name not in asked[:1]:
            return queryset
        drawn = values["drawn"] == "true" if values.get("drawn") else None
        return queryset.filter(self._condition("photos", (tuple(values.get("licence") or ()), drawn)))

    def of_trip(self, queryset, name, value):
        person = getattr(self.request, "user", None)
        return queryset.filter(on_trip(value, person, "observation__")) if value else queryset

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
    # They say something of the names that others gave, which whoever is asked has not seen yet.
    identified_by = agreement_min = agreement_max = model_disagrees = None
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
    """The same, of what is verified: what a dataset can be asked to hold, and which of their photos. Neither what
    changes while it is read (a campaign, what changed since, what is on a photo) nor what is said of others' verdicts.
    """

    STATUSES = (Status.VERIFIED,)
    status = difficulty = campaign = observation = updated_since = None
    has = lacks = identified_by = agreement_min = agreement_max = model_disagrees = trip = None

    def of_taxon(self, queryset, name, value):
        """By what is handed on of it, which may be less than people agree on."""
        if not value:
            return queryset
        version = self.form.fields["taxon"].version
        return queryset.filter(exported_taxon__in=taxa.inside([value], taxa.tree(version)))

    def of_photos(self, queryset, name, value):
        """Whether or not others see the photo: what a dataset may hold of them is asked besides."""
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
