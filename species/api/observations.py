from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from species import access, clocks
from species.actions import observations, published
from species.actions.places import LONGEST
from species.api.edits import EditSerializer, OrderInput, UndoInput
from species.api.errors import ActionErrors
from species.api.fields import NumberField, refuse_other_values
from species.api.geojson import AsFeatures, either
from species.api.photos import PhotoSummarySerializer
from species.filters import SYNC, BoxFilter, MomentFilter
from species.models import (
    Measurement,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    PlaceRule,
    PlaceSource,
    Privacy,
    Shown,
    State,
    Status,
    Surroundings,
    TimePrecision,
    TimeSource,
    Trip,
    in_days,
)
from species.queries import edits
from species.queries import taxa as taxon_queries
from species.queries.names import Names, Unknown
from species.queries.trips import on_trip, told_trip

MOMENT = {
    "type": "string",
    "nullable": True,
    "example": "2015-10-10T14:30:00",
    "description": "ISO 8601. With an offset or Z it is an instant; without, the clock on the wall at "
    "`utc_offset`, which is null where nobody knows the zone. Given as a day, it is a day: `local_date` alone.",
}


@extend_schema_field(MOMENT)
class MomentField(serializers.Field):
    def to_internal_value(self, data):
        try:
            return clocks.parse(data if isinstance(data, str) else "")
        except ValueError:
            raise serializers.ValidationError(
                "Write a time like 2015-10-10T14:30 or 2015-10-10T12:30:00Z, or a day like 2015-10-10."
            ) from None


class ObservationInput(serializers.Serializer):
    """What a PUT can say. What it leaves out stays as it is; null takes a value away.

    What else a GET gives may be sent back, as it is now.
    """

    observed_at = MomentField(required=False, allow_null=True)
    utc_offset = serializers.IntegerField(
        required=False, allow_null=True, help_text="Minutes east of UTC; null when unknown."
    )
    local_date = serializers.DateField(required=False, allow_null=True)
    time_source = serializers.ChoiceField(TimeSource.choices, required=False, allow_blank=True)
    zone_kept = serializers.BooleanField(
        required=False, help_text="True answers `exact.zone_in_doubt`: the zone is right."
    )
    latitude = NumberField(required=False, allow_null=True)
    longitude = NumberField(required=False, allow_null=True)
    uncertainty_m = NumberField(required=False, allow_null=True)
    place_source = serializers.ChoiceField(PlaceSource.choices, required=False, allow_blank=True)
    locality = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST,
        help_text="The place in words. A known water or place where its position is given too; else words.",
    )
    privacy = serializers.ChoiceField(Privacy.choices, required=False)
    time_precision = serializers.ChoiceField(
        TimePrecision.choices,
        required=False,
        help_text="How much of the time others are told, where they are not told the place as it is.",
    )
    surroundings = serializers.ChoiceField(
        Surroundings.choices,
        required=False,
        help_text="How much of its photos others see, where they are not told the place as it is.",
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    trip = serializers.UUIDField(
        required=False, allow_null=True, help_text="On which trip of yours it was made."
    )

    def get_fields(self):
        given_alone = set(ObservationSerializer.Meta.fields) - set(self._declared_fields)
        return super().get_fields() | {
            name: serializers.JSONField(read_only=True) for name in sorted(given_alone)
        }


class OccurrenceSerializer(serializers.ModelSerializer):
    taxon = serializers.SlugRelatedField("label", source="agreed_taxon", read_only=True, allow_null=True)
    establishmentMeans = serializers.CharField(source="establishment_means", read_only=True)
    photos = serializers.SerializerMethodField()
    measurements = serializers.SerializerMethodField()

    class Meta:
        model = Occurrence
        fields = [
            *["id", "organism_id", "status", "taxon", "settled_at", "establishmentMeans"],
            *["photos", "measurements"],
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_photos(self, occurrence):
        shown = self.context["shown_photos"]
        links = sorted(occurrence.occurrence_photos.all(), key=lambda link: str(link.photo_id))
        return [str(link.photo_id) for link in links if link.photo_id in shown]

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_measurements(self, occurrence):
        return [
            {"kind": each.kind, "value": each.value, "unit": each.unit, "method": each.method}
            for each in occurrence.measurements.all()
        ]


class ObservationSerializer(serializers.ModelSerializer):
    """`place` is what everybody may know; `exact` is there for whoever may have it, and null otherwise.

    `place_shown` and `place_rule` say how much of it that is and what decides so, both empty where nobody said
    where it was; `dataGeneralizations` and `informationWithheld` (Darwin Core) say the same in a sentence. `locality`
    is what the place is called, empty where the name would tell more.

    `eventDate` (Darwin Core) is as much of the time as the caller may know, as an instant, a day, a month (2015-10) or
    empty; what is not told of it is null in `observed_at`, `utc_offset` and `local_date`. Others than whoever sees the
    exact place are told as much as `time_precision` says, unless the place is shown as it is.
    """

    observer = serializers.SerializerMethodField()
    observed_at = serializers.SerializerMethodField()
    utc_offset = serializers.SerializerMethodField()
    local_date = serializers.SerializerMethodField()
    eventDate = serializers.SerializerMethodField()
    place = serializers.SerializerMethodField()
    locality = serializers.SerializerMethodField()
    dataGeneralizations = serializers.CharField(source="data_generalizations", read_only=True)
    informationWithheld = serializers.CharField(source="information_withheld", read_only=True)
    exact = serializers.SerializerMethodField()
    trip = serializers.SerializerMethodField()
    photos = PhotoSummarySerializer(many=True, read_only=True)
    occurrences = serializers.SerializerMethodField()
    # Empty is one of the answers; of what is only read the framework describes the choices alone.
    time_source = serializers.ChoiceField(TimeSource.choices, allow_blank=True, read_only=True)
    place_shown = serializers.ChoiceField(
        Shown.choices, allow_blank=True, read_only=True, help_text="Empty: nobody said where."
    )
    place_rule = serializers.ChoiceField(PlaceRule.choices, allow_blank=True, read_only=True)

    class Meta:
        model = Observation
        fields = [
            "id",
            "observer",
            "state",
            "observed_at",
            "utc_offset",
            "local_date",
            "eventDate",
            "time_source",
            "time_precision",
            "surroundings",
            "place",
            "locality",
            "place_shown",
            "place_rule",
            "dataGeneralizations",
            "informationWithheld",
            "exact",
            "trip",
            "note",
            "photos",
            "occurrences",
            "created",
            "published_at",
            "updated",
        ]
        read_only_fields = fields

    @extend_schema_field(MOMENT)
    def get_observed_at(self, observation):
        told = self._told(observation)
        return told.at and told.text

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_utc_offset(self, observation):
        return self._told(observation).offset

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_local_date(self, observation):
        return self._told(observation).day

    def get_eventDate(self, observation) -> str:
        return self._told(observation).text

    def _told(self, observation) -> clocks.Told:
        return observation.told_time(observation.pk in self.context["exact"])

    @extend_schema_field(serializers.DictField())
    def get_observer(self, observation):
        return {"id": str(observation.observer_id), "name": observation.observer.display_name}

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_place(self, observation):
        if not observation.has_public_place:
            return None
        return {
            "latitude": observation.public_latitude,
            "longitude": observation.public_longitude,
            "uncertainty_m": observation.public_uncertainty_m,
            "generalized": observation.place_shown == Shown.GENERALIZED,
            "h3_3": observation.public_h3_3,
            "h3_5": observation.public_h3_5,
        }

    def get_locality(self, observation) -> str:
        return observation.told_locality(observation.pk in self.context["exact"])

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_exact(self, observation):
        if observation.pk not in self.context["exact"]:
            return None
        return {
            "latitude": observation.latitude,
            "longitude": observation.longitude,
            "uncertainty_m": observation.uncertainty_m,
            "place_source": observation.place_source,
            "privacy": observation.privacy,
            "zone_in_doubt": bool(observation.zone_doubt),
        }

    @extend_schema_field(
        serializers.UUIDField(
            allow_null=True, help_text="To others only where place and time are told as they are."
        )
    )
    def get_trip(self, observation):
        told = told_trip(observation, self.context["request"].user)
        return told and str(told)

    @extend_schema_field(OccurrenceSerializer(many=True))
    def get_occurrences(self, observation):
        context = self.context | {"shown_photos": {photo.pk for photo in observation.photos.all()}}
        return OccurrenceSerializer(observation.occurrences.all(), many=True, context=context).data


class ObservationFilter(filters.FilterSet):
    """Every filter asks public values only, so that none can be used to find a hidden place."""

    FEW = 1000
    LOOKED_THROUGH = 200_000

    bbox = BoxFilter(method="within", help_text="west,south,east,north in degrees")
    taxon = filters.CharFilter(
        method="occurring", help_text="A name in any spelling, or label; everything under it too"
    )
    status = filters.ChoiceFilter(choices=Status.choices, method="occurring")
    state = filters.ChoiceFilter(
        choices=[each for each in State.choices if each[0] in (State.DRAFT, State.PUBLISHED)],
        method="of_state",
        help_text="draft: one's own drafts",
    )
    observer = filters.UUIDFilter(field_name="observer")
    trip = filters.UUIDFilter(method="of_trip", help_text="As far as others are told of its trip.")
    observed_from = filters.DateFilter(method="in_days")
    observed_to = filters.DateFilter(method="in_days")
    updated_since = MomentFilter(field_name="updated", lookup_expr="gte", help_text=SYNC)

    class Meta:
        model = Observation
        fields: list[str] = []

    def within(self, queryset, name, value):
        return queryset.in_bbox(*value)

    def occurring(self, queryset, name, value):
        """Taxon and status are of one and the same occurrence; whichever comes first asks both."""
        asked = self.form.cleaned_data
        if name == "status" and asked.get("taxon"):
            return queryset
        found = Occurrence.objects.order_by()
        if asked.get("taxon"):
            try:
                taxon = Names().find(asked["taxon"])
            except Unknown as error:
                raise serializers.ValidationError({"taxon": [str(error)]}) from error
            found = found.of(taxon_queries.descendants(taxon))
        if asked.get("status"):
            found = found.filter(status=asked["status"])
        few = list(found.values_list("observation", flat=True)[: self.FEW + 1])
        if len(few) <= self.FEW:
            # So few that a page of them may lie anywhere in the order: not to be met by walking through it.
            return queryset.filter(pk__in=few)
        return queryset.filter(Exists(found.filter(observation=OuterRef("pk"))))

    def of_trip(self, queryset, name, value):
        return queryset.filter(on_trip(value, self.request.user))

    def in_days(self, queryset, name, value):
        """From their first place in the list to their last: most were seen shortly before they were listed, and whoever
        begins at the list's end passes all others. Both ends of the days are asked at once, by whichever comes first.
        """
        first, last = (self.form.cleaned_data.get(each) for each in ("observed_from", "observed_to"))
        if name == "observed_to" and first:
            return queryset
        days = in_days(first, last)
        some = Observation.objects.filter(days).order_by().values("listed_at")[: self.LOOKED_THROUGH]
        found = some.aggregate(first=Min("listed_at"), last=Max("listed_at"), count=Count("listed_at"))
        if found["count"] == 0:
            return queryset.none()
        if found["count"] < self.LOOKED_THROUGH:
            days &= Q(listed_at__range=(found["first"], found["last"]))
        return queryset.filter(days)

    def of_state(self, queryset, name, value):
        if value == State.DRAFT:
            person = self.request.user
            return queryset.drafts_of(person) if person.is_authenticated else queryset.none()
        return queryset.filter(state=value)


def with_parts(rows: QuerySet[Observation], photos: QuerySet[Photo]) -> QuerySet[Observation]:
    """With all that a row says, and these photos."""
    return rows.select_related("observer", "batch", "place", "trip").prefetch_related(
        Prefetch("photos", queryset=photos.order_by("position", "created", "id")),
        Prefetch("occurrences", queryset=Occurrence.objects.select_related("agreed_taxon")),
        Prefetch("occurrences__occurrence_photos", queryset=OccurrencePhoto.objects.order_by("pk")),
        Prefetch("occurrences__measurements", queryset=Measurement.objects.all()),
    )


class ObservationViewSet(
    AsFeatures, ActionErrors, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """Sightings: the published ones for everybody, one's own drafts with `?state=draft`.

    PUT with an id of your choosing makes a draft, and again describes it; POST …/publish shows it to others.
    """

    scope = TokenScope.OBSERVE
    queryset = Observation.objects.none()
    serializer_class = ObservationSerializer
    filterset_class = ObservationFilter
    ordering = ("listed_at", "id")
    changed = ("updated", "id")
    lookup_value_regex = UUID_PATTERN

    def get_queryset(self):
        person = self.request.user
        visible = Observation.objects.visible_to(person)
        if self.action == "list" and "state" not in self.request.query_params and person.is_authenticated:
            # Nobody else sees any draft; and what an index of what is shown does not hold had to be looked up.
            visible = visible.published()
        return self._with_parts(visible)

    def _with_parts(self, rows, photos=None):
        return with_parts(rows, Photo.objects.visible_to(self.request.user) if photos is None else photos)

    @extend_schema(responses=either(ObservationSerializer, many=True))
    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        exact = self.exact(page)
        return self.answer_page(page, self._data(page, exact), exact)

    @extend_schema(responses=either(ObservationSerializer))
    def retrieve(self, request, *args, **kwargs):
        row = self._seen(kwargs["pk"])
        exact = self.exact([row])
        return self.answer_row(row, self._data([row], exact)[0], exact)

    def _seen(self, pk: str) -> Observation:
        return self.get_queryset().filter(pk=pk).first() or self._granted(pk)

    def _granted(self, pk: str) -> Observation:
        """A grant opens also what its owner shows to nobody else, with all its photos."""
        hidden = self._with_parts(Observation.objects.published().filter(pk=pk), Photo.objects.all()).first()
        if hidden is None or not access.can_see_exact_place(self.request.user, hidden):
            raise access.NotYours("No such sighting.")
        return hidden

    @extend_schema(request=ObservationInput, responses=dict.fromkeys((200, 201), ObservationSerializer))
    def update(self, request, pk=None):
        """Make the draft of this id, or say more of it. Repeating the request changes nothing more."""
        given = ObservationInput(data=request.data)
        given.is_valid(raise_exception=True)
        known = Observation.objects.filter(pk=pk).exists()
        own = self._own(pk) if known else None
        refuse_other_values(given, self._answer(pk).data if own else {"id": str(UUID(pk))})
        said = self._said(given.validated_data, own)
        if own:
            observations.describe(observation=own, by=request.user, **said)
        else:
            observations.start(by=request.user, id=UUID(pk), **said)
        return self._answer(pk, status.HTTP_200_OK if known else status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request, pk=None):
        """Discard a draft, or delete a published sighting, with its photos and what was said of it.

        Published datasets that hold its photos keep what they have.
        """
        own = self._own(pk)
        act = observations.set_aside if own.state == State.DRAFT else published.withdraw
        act(observation=own, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request, pk=None):
        """Have back what you discarded or deleted, for 20 seconds at least; 404 once it is gone. Again is no error."""
        published.restore(observation=Observation(pk=pk), by=request.user)
        return self._answer(pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def publish(self, request, pk=None):
        """Show the draft to others. It needs a photo."""
        observations.publish(observation=self._own(pk), by=request.user)
        return self._answer(pk)

    @extend_schema(responses=EditSerializer(many=True))
    @action(detail=True, filterset_class=None, ordering=("created", "id"))
    def history(self, request, pk=None):
        """What was changed since it was published: who, when, and what it said before and after.

        Of a place, what both today's rule and that of then allow.
        """
        found = self._seen(pk)
        page = self.paginate_queryset(edits.history(found))
        exact = self.private = access.can_see_exact_place(request.user, found)
        context = self.get_serializer_context() | {"exact": exact, "level": edits.level(found)}
        return self.get_paginated_response(EditSerializer(page, many=True, context=context).data)

    @extend_schema(request=OrderInput)
    @action(detail=True, methods=["post"], url_path="order")
    def arrange(self, request, pk=None):
        """Put the photos of a published sighting in this order."""
        given = OrderInput(data=request.data)
        given.is_valid(raise_exception=True)
        published.order(observation=self._own(pk), ids=given.validated_data["photos"], by=request.user)
        return self._answer(pk)

    @extend_schema(request=UndoInput)
    @action(detail=True, methods=["post"])
    def undo(self, request, pk=None):
        """Make what an edit of its history changed as it was before: another edit."""
        given = UndoInput(data=request.data)
        given.is_valid(raise_exception=True)
        edit = get_object_or_404(edits.history(self._own(pk)), pk=given.validated_data["edit"])
        published.undo(edit=edit, by=request.user)
        return self._answer(pk)

    def _said(self, given: dict[str, Any], own: Observation | None) -> dict[str, Any]:
        """As the actions call it; without a name that it has already, where that may be of a place that is known."""
        said = dict(given)
        name = said.pop("locality", None)
        moved = any(
            key in said and own and said[key] != getattr(own, key) for key in ("latitude", "longitude")
        )
        if name is not None and (own is None or moved or name != own.told_locality(exact=True)):
            said["place_name"] = name
        if said.get("trip") is not None:
            # Whose it is and whether it is there is asked where it is held.
            said["trip"] = Trip(pk=said["trip"])
        return said

    def _own(self, pk: str) -> Observation:
        """Also somebody else's published sighting is answered 404: its id is just not yours to write to."""
        observation = get_object_or_404(
            Observation.objects.select_related("batch", "place").filter(discarded_at=None), pk=pk
        )
        if not access.can_edit(self.request.user, observation):
            raise access.NotYours("No such sighting of yours.")
        return observation

    def _answer(self, pk: str, code: int = status.HTTP_200_OK) -> Response:
        row = self._with_parts(Observation.objects.filter(pk=pk)).get()
        return Response(self._data([row], self.exact([row]))[0], status=code)

    def _data(self, rows: Sequence[Observation], exact: Collection[UUID]) -> Sequence[dict[str, Any]]:
        context = self.get_serializer_context() | {"exact": exact}
        return ObservationSerializer(rows, many=True, context=context).data
