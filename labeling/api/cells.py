"""Counts of sightings by hexagon: what the map of Explore draws, for other maps and for tables."""

from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.response import Response

from labeling.filters import CellsFilter
from labeling.presenters import explore as explore_presenters
from labeling.queries import explore
from labeling.queries.gallery import gallery
from species.models import Occurrence, Status
from species.places import cells


class CellSerializer(serializers.Serializer):
    """One hexagon: its H3 cell, its middle in degrees, how many organisms it holds, and how many are verified."""

    cell = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    count = serializers.IntegerField()
    verified = serializers.IntegerField()


class PointSerializer(serializers.Serializer):
    """An organism at a place that is public as it is."""

    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    observation = serializers.UUIDField()
    status = serializers.ChoiceField(Status.choices)


class CellsSerializer(serializers.Serializer):
    """`resolution` of all these cells; `nowhere`: how many have no public place; `months`: in these cells, January
    first.

    `points` from zoom 10 on, 400 at most; `more`: there are more of them. `first` is 0, or says that only so many of
    what was asked for were counted, the newest.
    """

    resolution = serializers.IntegerField()
    cells = CellSerializer(many=True)
    nowhere = serializers.IntegerField()
    months = serializers.ListField(child=serializers.IntegerField())
    points = PointSerializer(many=True)
    more = serializers.BooleanField()
    first = serializers.IntegerField()


class CellViewSet(viewsets.GenericViewSet):
    """How many sightings where, by hexagons that fit a zoom: of what anybody may see, whoever asks."""

    queryset = Occurrence.objects.none()
    serializer_class = CellsSerializer
    filterset_class = CellsFilter
    pagination_class = None

    def get_queryset(self):
        return gallery(None)

    @extend_schema(responses=CellsSerializer(many=False))
    def list(self, request):
        """The hexagons of a view, at most 1,500: at a zoom at which they would be more, they are larger."""
        filterset = DjangoFilterBackend().get_filterset(request, self.get_queryset(), self)
        asked = dict(filterset.checked())
        view, zoom = asked.pop("view"), asked.pop("zoom")
        box = cells.Box(*view) if view else cells.WORLD
        found = explore.view(box, explore.AFAR if zoom is None else zoom, asked, lambda: filterset.qs)
        answer = Response(CellsSerializer(_told(found)).data)
        answer["Cache-Control"] = explore_presenters.MINUTE
        return answer


def _told(found: explore.View) -> dict:
    hexagons = found.hexagons
    return {
        "resolution": hexagons.resolution,
        "cells": [
            {
                "cell": cell,
                **dict(zip(("latitude", "longitude"), _rounded(cells.middle(cell)), strict=True)),
                "count": count.all,
                "verified": count.verified,
            }
            for cell, count in sorted(hexagons.counts.items())
        ],
        "nowhere": hexagons.nowhere.all,
        "months": hexagons.months,
        "points": [each._asdict() for each in found.points],
        "more": found.more,
        "first": found.first,
    }


def _rounded(degrees: tuple[float, float]) -> tuple[float, ...]:
    return tuple(round(each, 5) for each in degrees)
