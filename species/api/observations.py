import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from species import access, clocks
from species.actions import observations
from species.api.errors import UUID_PATTERN, ActionErrors, KeptPrivate
from species.api.fields import NumberField
from species.api.photos import PhotoSummarySerializer
from species.filters import SYNC, BoxFilter, MomentFilter
from species.models import (
    Measurement,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    PlaceSource,
    Privacy,
    Shown,
    State,
    Status,
    TimeSource,
)
from species.queries import taxa as taxon_queries
from species.queries.names import Names, Unknown

MOMENT = {
    "type": "string",
    "nullable": True,
    "example": "2015-10-10T14:30:00",
    "description": "ISO 8601. With an offset or Z it is an instant; without, the clock on the wall at "
    "`utc_offset`, which is null where nobody knows the zone. Given as a day, it is a day: `local_date` alone.",
}
NOT_WRITTEN = "This is not written here, and is another now. Leave it out."


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
    privacy = serializers.ChoiceField(Privacy.choices, required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=5000)

    def get_fields(self):
        given_alone = set(ObservationSerializer.Meta.fields) - set(self._declared_fields)
        return super().get_fields() | {
            name: serializers.JSONField(read_only=True) for name in sorted(given_alone)
        }


class OccurrenceSerializer(serializers.ModelSerializer):
    taxon = serializers.SlugRelatedField("label", source="agreed_taxon", read_only=True)
    photos = serializers.SerializerMethodField()
    measurements = serializers.SerializerMethodField()

    class Meta:
        model = Occurrence
        fields = ["id", "organism_id", "status", "taxon", "settled_at", "photos", "measurements"]
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
    where it was; `dataGeneralizations` and `informationWithheld` (Darwin Core) say the same in a sentence.
    """

    observer = serializers.SerializerMethodField()
    observed_at = serializers.SerializerMethodField()
    place = serializers.SerializerMethodField()
    dataGeneralizations = serializers.CharField(source="data_generalizations", read_only=True)
    informationWithheld = serializers.CharField(source="information_withheld", read_only=True)
    exact = serializers.SerializerMethodField()
    photos = PhotoSummarySerializer(many=True, read_only=True)
    occurrences = serializers.SerializerMethodField()

    class Meta:
        model = Observation
        fields = [
            "id",
            "observer",
            "state",
            "observed_at",
            "utc_offset",
            "local_date",
            "time_source",
            "place",
            "place_shown",
            "place_rule",
            "dataGeneralizations",
            "informationWithheld",
            "exact",
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
        return observation.observed_text

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

    @extend_schema_field(OccurrenceSerializer(many=True))
    def get_occurrences(self, observation):
        context = self.context | {"shown_photos": {photo.pk for photo in observation.photos.all()}}
        return OccurrenceSerializer(observation.occurrences.all(), many=True, context=context).data


class ObservationFilter(filters.FilterSet):
    """Every filter asks public values only, so that none can be used to find a hidden place."""

    FEW = 1000

    bbox = BoxFilter(method="within", help_text="west,south,east,north in degrees")
    taxon = filters.CharFilter(
        method="occurring", help_text="A name in any spelling, or label; everything under it too"
    )
    status = filters.ChoiceFilter(choices=Status.choices, method="occurring")
    state = filters.ChoiceFilter(
        choices=State.choices, method="of_state", help_text="draft: one's own drafts"
    )
    observer = filters.UUIDFilter(field_name="observer")
    observed_from = filters.DateFilter(field_name="local_date", lookup_expr="gte")
    observed_to = filters.DateFilter(field_name="local_date", lookup_expr="lte")
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

    def of_state(self, queryset, name, value):
        if value == State.DRAFT:
            person = self.request.user
            return queryset.drafts_of(person) if person.is_authenticated else queryset.none()
        return queryset.filter(state=value)


class ObservationViewSet(
    KeptPrivate, ActionErrors, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """Sightings: the published ones for everybody, one's own drafts with `?state=draft`.

    PUT with an id of your choosing makes a draft, and again describes it; POST …/publish shows it to others.
    """

    queryset = Observation.objects.none()
    serializer_class = ObservationSerializer
    filterset_class = ObservationFilter
    ordering = ("listed_at", "id")
    lookup_value_regex = UUID_PATTERN

    def get_queryset(self):
        person = self.request.user
        visible = Observation.objects.visible_to(person)
        if self.action == "list" and "state" not in self.request.query_params:
            visible = visible.published()
        return self._with_parts(visible)

    def _with_parts(self, rows, photos=None):
        if photos is None:
            photos = Photo.objects.visible_to(self.request.user)
        return rows.select_related("observer", "batch").prefetch_related(
            Prefetch("photos", queryset=photos.order_by("position", "created", "id")),
            Prefetch("occurrences", queryset=Occurrence.objects.select_related("agreed_taxon")),
            Prefetch("occurrences__occurrence_photos", queryset=OccurrencePhoto.objects.order_by("pk")),
            Prefetch("occurrences__measurements", queryset=Measurement.objects.all()),
        )

    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._data(page))

    def retrieve(self, request, *args, **kwargs):
        found = self.get_queryset().filter(pk=kwargs["pk"]).first() or self._granted(kwargs["pk"])
        return Response(self._data([found])[0])

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
        self._refuse_other_values(given, self._answer(pk).data if own else {"id": str(UUID(pk))})
        if own:
            observations.describe(observation=own, by=request.user, **given.validated_data)
        else:
            observations.start(by=request.user, id=UUID(pk), **given.validated_data)
        return self._answer(pk, status.HTTP_200_OK if known else status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request, pk=None):
        """Discard a draft with its photos and what you said of it. A published sighting stays."""
        observations.set_aside(observation=self._own(pk), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request, pk=None):
        """Have back what you discarded, for 20 seconds at least; 404 once it is gone. Again is no error."""
        observations.restore(observation=Observation(pk=pk), by=request.user)
        return self._answer(pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def publish(self, request, pk=None):
        """Show the draft to others. It needs a photo."""
        observations.publish(observation=self._own(pk), by=request.user)
        return self._answer(pk)

    def _refuse_other_values(self, given: ObservationInput, present: dict) -> None:
        """What cannot be written may be sent as a GET gave it, and is not passed over where it is another."""
        present = json.loads(JSONRenderer().render(present))
        others = [
            name
            for name, field in given.fields.items()
            if field.read_only
            and name in given.initial_data
            and given.initial_data[name] != present.get(name)
        ]
        if others:
            raise serializers.ValidationError({name: [NOT_WRITTEN] for name in others})

    def _own(self, pk: str) -> Observation:
        """Also somebody else's published sighting is answered 404: its id is just not yours to write to."""
        observation = get_object_or_404(
            Observation.objects.select_related("batch").filter(discarded_at=None), pk=pk
        )
        if not access.can_edit(self.request.user, observation):
            raise access.NotYours("No such sighting of yours.")
        return observation

    def _answer(self, pk: str, code: int = status.HTTP_200_OK) -> Response:
        row = self._with_parts(Observation.objects.filter(pk=pk)).get()
        return Response(self._data([row])[0], status=code)

    def _data(self, rows: Sequence[Observation]) -> Sequence[dict[str, Any]]:
        exact = access.may_see_exact(self.request.user, rows)
        self.private = bool(exact)
        context = self.get_serializer_context() | {"exact": exact}
        return ObservationSerializer(rows, many=True, context=context).data
