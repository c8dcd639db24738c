from uuid import UUID

from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.models import User
from accounts.token_scopes import TokenScope
from species.actions import trips
from species.api.errors import ActionErrors, KeptPrivate
from species.api.fields import NumberField, refuse_other_values
from species.api.observations import MOMENT, MomentField
from species.filters import SYNC, MomentFilter, YesOrNoFilter
from species.models import Privacy, Taxon, TimePrecision, Trip, TripEdit
from species.queries import taxa as taxon_queries
from species.queries import trips as queries
from species.queries.names import Names, Unknown


class TargetField(serializers.SlugRelatedField):
    """A taxon by its label."""

    def __init__(self, **options):
        super().__init__(slug_field="label", queryset=Taxon.objects.all(), **options)


class AccountField(serializers.UUIDField):
    """The id of an account, or what a GET gives of it."""

    def to_internal_value(self, data):
        return super().to_internal_value(data.get("id") if isinstance(data, dict) else data)


class TripInput(serializers.Serializer):
    """What a PUT or a PATCH can say. What it leaves out stays as it is; null takes a value away.

    What else a GET gives may be sent back, as it is now.
    """

    kind = serializers.ChoiceField(Trip.Kind.choices, required=False)
    name = serializers.CharField(required=False, allow_blank=True, max_length=trips.LONGEST)
    started_at = MomentField(required=False, allow_null=True)
    ended_at = MomentField(
        required=False, allow_null=True, help_text="Without it, it is under way, and nobody else sees it."
    )
    utc_offset = serializers.IntegerField(
        required=False, allow_null=True, help_text="Minutes east of UTC; null when unknown."
    )
    latitude = NumberField(required=False, allow_null=True)
    longitude = NumberField(required=False, allow_null=True)
    uncertainty_m = NumberField(required=False, allow_null=True)
    locality = serializers.CharField(
        required=False, allow_blank=True, max_length=trips.LONGEST, help_text="The place in words."
    )
    privacy = serializers.ChoiceField(
        Privacy.choices, required=False, help_text="`private`: nobody else sees the trip."
    )
    time_precision = serializers.ChoiceField(TimePrecision.choices, required=False)
    effort = serializers.CharField(required=False, allow_blank=True, max_length=trips.LONGEST)
    gear = serializers.CharField(required=False, allow_blank=True, max_length=trips.LONGEST)
    people_count = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=10_000, help_text="Yourself included."
    )
    people = serializers.ListField(
        child=AccountField(),
        required=False,
        max_length=trips.MOST_PEOPLE,
        help_text="Accounts of those who were along. Each is asked, and others are told of who agrees.",
    )
    targets = serializers.ListField(
        child=TargetField(),
        required=False,
        max_length=trips.MOST_TARGETS,
        help_text="Labels of what was looked for.",
    )
    nothing_caught = serializers.BooleanField(
        required=False, help_text="Somebody looked, and there was nothing: a record of its own."
    )

    def get_fields(self):
        given_alone = set(TripSerializer.Meta.fields) - set(self._declared_fields)
        return super().get_fields() | {
            name: serializers.JSONField(read_only=True) for name in sorted(given_alone)
        }

    def validate_people(self, ids):
        found = list(User.objects.filter(pk__in=ids, is_active=True))
        if len(found) != len(set(ids)):
            raise serializers.ValidationError("There is no such account.")
        return found


class TripSerializer(serializers.ModelSerializer):
    """`place`, `eventDate` and the times are what the caller may know: of others' trips no more than what is told of
    every sighting on them. `exact` is there for whose trip it is, and null for everybody else; so is `people` whole,
    where others are told of those who agreed.
    """

    person = serializers.SerializerMethodField()
    started_at = serializers.SerializerMethodField()
    ended_at = serializers.SerializerMethodField()
    utc_offset = serializers.SerializerMethodField()
    eventDate = serializers.SerializerMethodField()
    name = serializers.SerializerMethodField()
    place = serializers.SerializerMethodField()
    locality = serializers.SerializerMethodField()
    exact = serializers.SerializerMethodField()
    people = serializers.SerializerMethodField()
    targets = serializers.SerializerMethodField()

    class Meta:
        model = Trip
        fields = [
            *["id", "person", "kind", "name", "started_at", "ended_at", "utc_offset", "eventDate"],
            *["place", "locality", "exact", "time_precision", "effort", "gear", "people_count", "people"],
            *["targets", "nothing_caught", "created", "updated"],
        ]
        read_only_fields = fields

    def _told(self, trip) -> queries.Told:
        return self.context["told"][trip.pk]

    @extend_schema_field(serializers.DictField())
    def get_person(self, trip):
        return {"id": str(trip.person_id), "name": trip.person.display_name}

    @extend_schema_field(MOMENT)
    def get_started_at(self, trip):
        told = self._told(trip).start
        return told.at and told.text

    @extend_schema_field(MOMENT)
    def get_ended_at(self, trip):
        told = self._told(trip).end
        return told.at and told.text

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_utc_offset(self, trip):
        return self._told(trip).start.offset

    def get_eventDate(self, trip) -> str:
        return self._told(trip).event_date

    def get_name(self, trip) -> str:
        """Empty where the place is not told as it is: people call trips by where they went."""
        told = self._told(trip)
        return trip.name if told.exact or told.level == Privacy.OPEN else ""

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_place(self, trip):
        told = self._told(trip).place
        return told and {
            "latitude": told.latitude,
            "longitude": told.longitude,
            "uncertainty_m": told.uncertainty_m,
            "generalized": told.generalized,
        }

    def get_locality(self, trip) -> str:
        return self._told(trip).locality

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_exact(self, trip):
        if not self._told(trip).exact:
            return None
        return {
            "latitude": trip.latitude,
            "longitude": trip.longitude,
            "uncertainty_m": trip.uncertainty_m,
            "privacy": trip.privacy,
        }

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_people(self, trip):
        own = self._told(trip).exact
        rows = [each for each in trip.people.all() if own or each.agreed_at]
        return [
            {
                "id": str(each.person_id),
                "name": each.person.display_name,
                "agreed": each.agreed_at is not None,
            }
            for each in rows
        ]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_targets(self, trip):
        return sorted(each.label for each in trip.targets.all())


class TripEditSerializer(serializers.ModelSerializer):
    """`before` and `after` have the same fields: those that were changed."""

    class Meta:
        model = TripEdit
        fields = ["id", "created", "before", "after"]
        read_only_fields = fields


class TripUndo(serializers.Serializer):
    edit = serializers.UUIDField()


class TripFilter(filters.FilterSet):
    """By nothing that a hidden place or time could be found with."""

    person = filters.UUIDFilter(field_name="person")
    kind = filters.ChoiceFilter(choices=Trip.Kind.choices)
    nothing_caught = YesOrNoFilter(field_name="nothing_caught")
    target = filters.CharFilter(method="of_target", help_text="A name; what is under it, too.")
    updated_since = MomentFilter(field_name="updated", lookup_expr="gte", help_text=SYNC)

    class Meta:
        model = Trip
        fields: list[str] = []

    def of_target(self, queryset, name, value):
        try:
            taxon = Names().find(value)
        except Unknown as error:
            raise serializers.ValidationError({"target": [str(error)]}) from error
        under = Trip.targets.through.objects.filter(taxon__in=taxon_queries.descendants(taxon))
        return queryset.filter(pk__in=under.values("trip"))


class TripViewSet(
    ActionErrors, KeptPrivate, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """Trips: what was done to see something, and what found nothing. Those that are over, if not private; one's own.

    PUT with an id of your choosing begins one, and again describes it. What was found on it: `/observations?trip=`.
    """

    scope = TokenScope.OBSERVE
    queryset = Trip.objects.none()
    serializer_class = TripSerializer
    filterset_class = TripFilter
    lookup_value_regex = UUID_PATTERN
    ordering = ("listed_at", "id")
    changed = ("updated", "id")

    def get_queryset(self):
        rows = Trip.objects.visible_to(self.request.user)
        return rows.select_related("person", "place").prefetch_related("targets", "people__person")

    def get_serializer(self, *args, **kwargs):
        rows = args[0] if args else []
        rows = rows if isinstance(rows, list) else [rows] if isinstance(rows, Trip) else []
        told = queries.told(rows, self.request.user)
        self.private = self.private or any(each.exact for each in told.values())
        kwargs["context"] = self.get_serializer_context() | {"told": told}
        return super().get_serializer(*args, **kwargs)

    @extend_schema(request=TripInput, responses=dict.fromkeys((200, 201), TripSerializer))
    def update(self, request, pk=None):
        """Begin the trip of this id, or say more of it. Repeating the request changes nothing more."""
        own = self._own_or_none(pk)
        said = self._said(self._answer(pk).data if own else {"id": str(UUID(pk))})
        if own is None:
            trips.start(by=request.user, id=UUID(pk), **said)
        else:
            trips.describe(trip=own, by=request.user, **said)
        return self._answer(pk, status.HTTP_201_CREATED if own is None else status.HTTP_200_OK)

    @extend_schema(request=TripInput, responses=TripSerializer)
    def partial_update(self, request, pk=None):
        """Say some of it otherwise."""
        own = self._own(pk)
        trips.describe(trip=own, by=request.user, **self._said(self._answer(pk).data))
        return self._answer(pk)

    @extend_schema(responses={204: None})
    def destroy(self, request, pk=None):
        """Delete it. Its sightings stay, on no trip."""
        trips.discard(trip=self._own(pk), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=TripSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request, pk=None):
        """Have back what you deleted, for 20 seconds at least; 404 once it is gone. Again is no error."""
        trips.restore(trip=Trip(pk=pk), by=request.user)
        return self._answer(pk)

    @extend_schema(responses=TripEditSerializer(many=True))
    @action(detail=True, filterset_class=None, ordering=("created", "id"))
    def history(self, request, pk=None):
        """What was changed of a trip of one's own: what it said before and after."""
        self.private = True
        page = self.paginate_queryset(queries.history(self._own(pk), request.user))
        return self.get_paginated_response(TripEditSerializer(page, many=True).data)

    @extend_schema(request=TripUndo, responses=TripSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request, pk=None):
        """Make what an edit of its history changed as it was before: another edit."""
        given = TripUndo(data=request.data)
        given.is_valid(raise_exception=True)
        own = self._own(pk)
        edit = queries.history(own, request.user).filter(pk=given.validated_data["edit"]).first()
        if edit is None:
            raise Http404
        trips.undo(edit=edit, by=request.user)
        return self._answer(pk)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def agree(self, request, pk=None):
        """Say that you were along, where you are named. Again is no error."""
        trips.answer(trip=Trip(pk=pk), by=request.user, agrees=True)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def decline(self, request, pk=None):
        """Say that you were not, or that you are not to be named. Nobody asks again."""
        trips.answer(trip=Trip(pk=pk), by=request.user, agrees=False)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _said(self, present: dict) -> dict:
        given = TripInput(data=self.request.data)
        given.is_valid(raise_exception=True)
        refuse_other_values(given, present)
        said = dict(given.validated_data)
        if "locality" in said:
            said["place_name"] = said.pop("locality")
        return said

    def _own(self, pk: str) -> Trip:
        own = self._own_or_none(pk)
        if own is None:
            raise Http404
        return own

    def _own_or_none(self, pk: str) -> Trip | None:
        """Raises Http404 where the id is somebody else's, or of a trip that is deleted."""
        found = Trip.objects.filter(pk=pk).first()
        if found is not None and (found.person_id != self.request.user.pk or found.discarded_at is not None):
            raise Http404
        return found

    def _answer(self, pk: str, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data, status=code)
