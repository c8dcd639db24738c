"""Lists and single rows as GeoJSON, for whoever says that they would rather have that (`Accept`)."""

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from species import access
from species.api.errors import KeptPrivate
from species.models import Observation
from species.presenters import geojson

POINT = {
    "type": "object",
    "nullable": True,
    "description": "Longitude and latitude, WGS 84; null where nothing is told.",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"type": "string", "pattern": "^Point$"},
        "coordinates": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    },
}


class GeoJSONRenderer(JSONRenderer):
    """Of the same `format` as JSON: with one of its own a parameter of that name would be another way to ask."""

    media_type = geojson.MEDIA_TYPE


class Preferred(DefaultContentNegotiation):
    """The form that the client prefers. The framework's own passes over `q`, and of two that are named takes ours."""

    def select_renderer(self, request, renderers, format_suffix=None):
        named = request._request.get_preferred_type([each.media_type for each in renderers])
        for renderer in renderers:
            if renderer.media_type == named:
                return renderer, renderer.media_type
        raise NotAcceptable(available_renderers=renderers)


@extend_schema_field({"type": "string", "pattern": "^Feature$"})
class FeatureType(serializers.CharField):
    pass


@extend_schema_field({"type": "string", "pattern": "^FeatureCollection$"})
class CollectionType(serializers.CharField):
    pass


@extend_schema_field(POINT)
class PointField(serializers.JSONField):
    pass


class LinkSerializer(serializers.Serializer):
    rel = serializers.CharField()
    type = serializers.CharField()
    href = serializers.URLField()
    title = serializers.CharField(required=False)


class FeatureSerializer(serializers.Serializer):
    """`properties`: what JSON says of the row, without the place, and how rough `geometry` is in the words of Darwin
    Core; `generalized` says that it is the middle of a square.
    """

    type = FeatureType()
    id = serializers.UUIDField()
    geometry = PointField()
    properties = serializers.DictField()
    links = LinkSerializer(many=True, required=False)


@extend_schema_serializer(many=False)
class FeatureCollectionSerializer(serializers.Serializer):
    """A page of a list; `links` lead to the next and the one before (`prev`)."""

    type = CollectionType()
    features = FeatureSerializer(many=True)
    links = LinkSerializer(many=True)


def either(row: type[serializers.Serializer], many: bool = False) -> dict[tuple[int, str], Any]:
    """What an operation answers, by status and media type, for the description."""
    return {
        (200, JSONRenderer.media_type): row(many=True) if many else row,
        (200, geojson.MEDIA_TYPE): FeatureCollectionSerializer if many else FeatureSerializer,
    }


class Located(KeptPrivate):
    """Mix into a viewset of what was seen somewhere. `seen_in`: the path from a row to its sighting; empty, the row."""

    seen_in = ""

    def sighting(self, row: Any) -> Observation:
        return reduce(getattr, filter(None, self.seen_in.split("__")), row)

    def exact(self, rows: Sequence[Any]) -> set[UUID]:
        """Sightings whose exact place goes into this answer, since who asks may see it."""
        found = access.may_see_exact(self.request.user, [self.sighting(row) for row in rows])
        self.private = bool(found)
        return found

    def features(
        self, rows: Sequence[Any], data: Sequence[Mapping[str, Any]], exact: Collection[UUID]
    ) -> list[dict[str, Any]]:
        """`data`: what JSON says of `rows`."""
        sightings = [self.sighting(row) for row in rows]
        return [
            geojson.feature(said, sighting, sighting.pk in exact)
            for said, sighting in zip(data, sightings, strict=True)
        ]


class AsFeatures(Located):
    """Likewise; its list and its single rows are GeoJSON as well."""

    renderer_classes = [JSONRenderer, GeoJSONRenderer]
    content_negotiation_class = Preferred

    def get_renderers(self):
        """What is written is answered in JSON, whose ETag a write names."""
        every = super().get_renderers()
        return every if self.action in ("list", "retrieve") else every[:1]

    @property
    def as_features(self) -> bool:
        return isinstance(getattr(self.request, "accepted_renderer", None), GeoJSONRenderer)

    def answer_page(self, rows, data, exact: Collection[UUID] | None = None) -> Response:
        """`exact`: where it is known already."""
        answer = self.get_paginated_response(data)
        if not self.as_features:
            return answer
        found = self.features(rows, data, self.exact(rows) if exact is None else exact)
        links = geojson.around(answer.data["next"], answer.data["previous"])
        counted = {name: answer.data[name] for name in ("count", "count_is") if name in answer.data}
        answer.data = geojson.collection(found, links, **counted)
        return answer

    def answer_row(self, row, data, exact: Collection[UUID] | None = None) -> Response:
        """Likewise."""
        if not self.as_features:
            return Response(data)
        return Response(self.features([row], [data], self.exact([row]) if exact is None else exact)[0])
