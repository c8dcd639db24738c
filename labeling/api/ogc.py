"""Sightings and organisms as layers of a map, for programs that speak OGC API – Features (QGIS, GDAL): docs/ogc.md.

Every answer is in one form, whatever the client says it accepts: some name a form here that they do not mean.
"""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from labeling.api.occurrences import NamedOccurrenceSerializer, listed
from labeling.filters import OccurrenceFilter
from labeling.presenters import ogc
from labeling.queries import gallery
from species.api.errors import ActionErrors
from species.api.geojson import (
    FeatureCollectionSerializer,
    FeatureSerializer,
    GeoJSONRenderer,
    LinkSerializer,
    Located,
)
from species.api.observations import ObservationFilter, ObservationSerializer, with_parts
from species.filters import IntervalFilter, SpaceFilter
from species.models import Observation, Occurrence, Photo, meeting_days
from species.presenters import geojson

TAGS = ["ogc"]
BOX = "west,south,east,north in degrees, of the public place; with heights, six numbers. West may be east of east."
TIMES = "A day, a moment or an interval (…/…, ../…, …/..): what may have been seen on one of these days."
FORM = OpenApiParameter("f", enum=["json"], description="The form of the answer: there is one.")
CRS = OpenApiParameter("bbox-crs", enum=[ogc.CRS84], description="That of `bbox`.")


class OneForm(BaseContentNegotiation):
    def select_parser(self, request, parsers):
        return next((each for each in parsers if each.media_type == request.content_type), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


@extend_schema_serializer(many=False)
class LandingSerializer(serializers.Serializer):
    title = serializers.CharField()
    description = serializers.CharField()
    links = LinkSerializer(many=True)


@extend_schema_serializer(many=False)
class ConformanceSerializer(serializers.Serializer):
    conformsTo = serializers.ListField(child=serializers.URLField())


class MapCollectionSerializer(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    itemType = serializers.CharField()
    crs = serializers.ListField(child=serializers.URLField())
    extent = serializers.DictField()
    links = LinkSerializer(many=True)


@extend_schema_serializer(many=False)
class MapCollectionsSerializer(serializers.Serializer):
    links = LinkSerializer(many=True)
    collections = MapCollectionSerializer(many=True)


@extend_schema_serializer(many=False)
class ItemsSerializer(FeatureCollectionSerializer):
    """`numberMatched` is there where all that matches is on this page: beyond that nobody counts."""

    timeStamp = serializers.DateTimeField()
    numberReturned = serializers.IntegerField()
    numberMatched = serializers.IntegerField(required=False)


class LandingViewSet(viewsets.ViewSet):
    """Where programs begin."""

    content_negotiation_class = OneForm

    @extend_schema(operation_id="getLandingPage", tags=TAGS, parameters=[FORM], responses=LandingSerializer)
    def list(self, request):
        """Where sightings are read as layers of a map (OGC API – Features), and what leads on from here."""
        return Response(ogc.landing(_root(request), request.build_absolute_uri(reverse("api_docs"))))


class ConformanceViewSet(viewsets.ViewSet):
    """What they may rely on."""

    content_negotiation_class = OneForm

    @extend_schema(
        operation_id="getConformanceDeclaration",
        tags=TAGS,
        parameters=[FORM],
        responses=ConformanceSerializer,
    )
    def list(self, request):
        """The parts of the standard that are conformed to."""
        return Response(ogc.conformance())


class CollectionViewSet(viewsets.ViewSet):
    """What there is."""

    content_negotiation_class = OneForm
    lookup_url_kwarg = "collectionId"

    @extend_schema(
        operation_id="getCollections", tags=TAGS, parameters=[FORM], responses=MapCollectionsSerializer
    )
    def list(self, request):
        """The layers that there are."""
        return Response(ogc.collections(_root(request)))

    @extend_schema(
        operation_id="describeCollection",
        tags=TAGS,
        parameters=[FORM, OpenApiParameter("collectionId", location=OpenApiParameter.PATH)],
        responses=MapCollectionSerializer,
    )
    def retrieve(self, request, collectionId):
        """One of them."""
        if collectionId not in ogc.COLLECTIONS:
            raise NotFound
        return Response(ogc.collection(_root(request), ogc.COLLECTIONS[collectionId]))


class OccurrenceItemsFilter(OccurrenceFilter):
    bbox = SpaceFilter(method="ask", help_text=BOX)
    datetime = IntervalFilter(method="ask", help_text=TIMES)

    ASKED = OccurrenceFilter.ASKED | {"datetime": lambda days: gallery.meeting_days(*days)}


class ObservationItemsFilter(ObservationFilter):
    # One's drafts are on no map.
    state = None
    bbox = SpaceFilter(method="within", help_text=BOX)
    datetime = IntervalFilter(method="meeting", help_text=TIMES)

    def meeting(self, queryset, name, value):
        return queryset.filter(meeting_days(*value))


class Items(Located, ActionErrors, viewsets.GenericViewSet):
    """The features of one collection, in the order of its list in the API, so that a walk misses none."""

    content_negotiation_class = OneForm
    renderer_classes = [GeoJSONRenderer]
    lookup_value_regex = UUID_PATTERN
    collection = list_name = ""
    ordering = ("listed_at", "id")

    def rows(self, page: Sequence[Any], exact: set[UUID]) -> Sequence[dict[str, Any]]:
        """What JSON says of them."""
        raise NotImplementedError

    def list(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        following, previous = self.paginator.get_next_link(), self.paginator.get_previous_link()
        here, at = request.build_absolute_uri(), f"{_root(request)}collections/{self.collection}"
        links = [geojson.link("self", here), *geojson.around(following, previous)]
        links.append(geojson.link("collection", at, ogc.JSON))
        if listed_at := self._list(request):
            links.append(geojson.link("alternate", listed_at, ogc.JSON))
        # Known, where the page is all there is. To count more would be to look at all of it.
        whole = not (following or previous or "cursor" in request.query_params)
        counts = {"numberReturned": len(page)} | ({"numberMatched": len(page)} if whole else {})
        answer = geojson.collection(self._told(page), links, **counts)
        # Without the moment: who asks again has it already while nothing else is another.
        known = hashlib.sha256(JSONRenderer().render(answer)).hexdigest()[:32]
        stamp = timezone.now().isoformat(timespec="seconds").replace("+00:00", "Z")
        return Response(answer | {"timeStamp": stamp}, headers={"ETag": f'W/"{known}"'})

    def retrieve(self, request, pk):
        row = get_object_or_404(self.get_queryset(), pk=pk)
        page = request.build_absolute_uri(reverse("observation", args=[self.sighting(row).pk]))
        return Response(ogc.of_item(_root(request), self.collection, self._told([row])[0], page))

    def _list(self, request) -> str:
        """The address of the same rows in the API's list; empty where that cannot be asked for them."""
        asked = request.query_params.copy()
        if "datetime" in asked or asked.get("bbox", "").count(",") > 3:
            return ""
        for name in ("f", "bbox-crs", "limit"):
            asked.pop(name, None)
        asked["page_size"] = str(self.paginator.get_page_size(request))
        return f"{request.build_absolute_uri(reverse(self.list_name))}?{asked.urlencode()}"

    def _told(self, page: Sequence[Any]) -> Sequence[dict[str, Any]]:
        exact = self.exact(page)
        return self.features(page, self.rows(page, exact), exact)


class OccurrenceItemsViewSet(Items):
    queryset = Occurrence.objects.none()
    filterset_class = OccurrenceItemsFilter
    collection = "occurrences"
    list_name = "api-occurrence-list"
    seen_in = "observation"
    changed = ("observation__updated", "id")

    def get_queryset(self):
        return listed(self.request.user)

    def rows(self, page, exact):
        return NamedOccurrenceSerializer(page, many=True, context=self.get_serializer_context()).data

    @extend_schema(operation_id="getOrganisms", tags=TAGS, parameters=[FORM, CRS], responses=ItemsSerializer)
    def list(self, request):
        """Organisms, at the places of their sightings as far as you may know them."""
        return super().list(request)

    @extend_schema(
        operation_id="getOrganism", tags=TAGS, parameters=[FORM], responses=FeatureSerializer, filters=False
    )
    def retrieve(self, request, pk):
        """One organism."""
        return super().retrieve(request, pk)


class ObservationItemsViewSet(Items):
    queryset = Observation.objects.none()
    filterset_class = ObservationItemsFilter
    collection = "observations"
    list_name = "api-observation-list"
    changed = ("updated", "id")

    def get_queryset(self):
        person = self.request.user
        visible = Observation.objects.visible_to(person)
        rows = visible.published() if person.is_authenticated else visible
        return with_parts(rows, Photo.objects.visible_to(person))

    def rows(self, page, exact):
        context = self.get_serializer_context() | {"exact": exact}
        return ObservationSerializer(page, many=True, context=context).data

    @extend_schema(operation_id="getSightings", tags=TAGS, parameters=[FORM, CRS], responses=ItemsSerializer)
    def list(self, request):
        """Sightings, at their places as far as you may know them."""
        return super().list(request)

    @extend_schema(
        operation_id="getSighting", tags=TAGS, parameters=[FORM], responses=FeatureSerializer, filters=False
    )
    def retrieve(self, request, pk):
        """One sighting."""
        return super().retrieve(request, pk)


def register(router) -> None:
    """Adds the routes, below that of the landing page."""
    router.register("", LandingViewSet, basename="ogc")
    router.register("conformance", ConformanceViewSet, basename="ogc-conformance")
    router.register("collections", CollectionViewSet, basename="ogc-collection")
    router.register("collections/occurrences/items", OccurrenceItemsViewSet, basename="ogc-occurrence")
    router.register("collections/observations/items", ObservationItemsViewSet, basename="ogc-observation")


def _root(request) -> str:
    return request.build_absolute_uri(reverse("ogc-list"))
