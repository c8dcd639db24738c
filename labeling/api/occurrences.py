from uuid import UUID

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.models import Viewer
from accounts.token_scopes import TokenScope
from labeling.api.boxes import BoxSerializer
from labeling.api.identifications import IdentificationSerializer
from labeling.api.parts import LabelField, VisibleField, note_threads
from labeling.api.rulings import RulingSerializer
from labeling.api.suggestions import SuggestionSerializer
from labeling.consensus import Unreadable
from labeling.filters import OccurrenceFilter
from labeling.models import Box, Identification, Region, Ruling, Suggestion, Verdict, digest
from labeling.queries.gallery import gallery
from labeling.queries.suggestions import taxa_of
from species.actions import occurrences
from species.api.errors import ActionErrors
from species.api.geojson import AsFeatures, either
from species.api.photos import PhotoSummarySerializer
from species.models import Measurement, Observation, Occurrence, OccurrencePhoto, Photo, photo_visible_to


class VerdictSerializer(serializers.ModelSerializer):
    """How the status came about; docs/consensus.md says what is in `explanation` (taxa by id there).

    It is null where what is stored cannot be read.
    """

    taxon = LabelField(read_only=True)
    explanation = serializers.SerializerMethodField()

    class Meta:
        model = Verdict
        fields = ["status", "taxon", "explanation", "tree_version", "reliability_version", "computed_at"]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": True})
    def get_explanation(self, verdict):
        try:
            return verdict.explained().to_json()
        except Unreadable:
            return None


class NamedOccurrenceSerializer(serializers.ModelSerializer):
    """One organism: what people agree it is, as far as they do, and the photos of it the caller may see."""

    taxon = LabelField(source="agreed_taxon", read_only=True)
    photos = serializers.SerializerMethodField()
    exported_taxon = LabelField(read_only=True)
    updated = serializers.DateTimeField(source="observation.updated", read_only=True)
    establishmentMeans = serializers.CharField(source="establishment_means", read_only=True)

    class Meta:
        model = Occurrence
        fields = [
            *["id", "observation", "organism_id", "status", "taxon", "settled_at", "created", "updated"],
            *["exported_taxon", "establishmentMeans", "photos"],
        ]
        read_only_fields = fields

    @extend_schema_field(PhotoSummarySerializer(many=True))
    def get_photos(self, occurrence):
        photos = [link.photo for link in occurrence.occurrence_photos.all()]
        return PhotoSummarySerializer(photos, many=True, context=self.context).data


class RegionSerializer(serializers.ModelSerializer):
    """The rectangle that `people` agree on, or a reviewer's (`ruled`); `spread`: how far the edges of their boxes lie
    from its own, in fractions of its size.
    """

    class Meta:
        model = Region
        fields = ["photo", "x", "y", "width", "height", "people", "spread", "ruled"]
        read_only_fields = fields


class DiscussedOccurrenceSerializer(NamedOccurrenceSerializer):
    """Everything said of it, taken back or not, and what follows."""

    verdict = serializers.SerializerMethodField()
    identifications = IdentificationSerializer(many=True, read_only=True)
    rulings = RulingSerializer(many=True, read_only=True)
    boxes = BoxSerializer(many=True, read_only=True)
    regions = RegionSerializer(many=True, read_only=True)
    suggestions = serializers.SerializerMethodField()
    measurements = serializers.SerializerMethodField()

    class Meta(NamedOccurrenceSerializer.Meta):
        fields = [
            *NamedOccurrenceSerializer.Meta.fields,
            "verdict",
            "identifications",
            "rulings",
            "boxes",
            "regions",
            "suggestions",
            "measurements",
        ]
        read_only_fields = fields

    @extend_schema_field(VerdictSerializer(allow_null=True))
    def get_verdict(self, occurrence):
        """Null until somebody has said something."""
        verdict = getattr(occurrence, "verdict", None)
        return VerdictSerializer(verdict).data if verdict else None

    @extend_schema_field(SuggestionSerializer(many=True))
    def get_suggestions(self, occurrence):
        said = [each for link in occurrence.occurrence_photos.all() for each in link.photo.suggestions.all()]
        return SuggestionSerializer(said, many=True, context={"taxa": taxa_of(said)}).data

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_measurements(self, occurrence):
        return [
            {"kind": each.kind, "value": each.value, "unit": each.unit, "method": each.method}
            for each in occurrence.measurements.all()
        ]


class OccurrenceInput(serializers.Serializer):
    """`photos`: those of the sighting on which it is seen."""

    observation = VisibleField(queryset=Observation.objects.all())
    photos = VisibleField(queryset=Photo.objects.all(), many=True, allow_empty=False)


# The batch: whoever ran an import may see where that was.
NEEDED = ("agreed_taxon", "exported_taxon", "observation__batch")


def shown_links(person: Viewer) -> QuerySet[OccurrencePhoto]:
    """Organisms to those of their photos that `person` may see."""
    links = OccurrencePhoto.objects.filter(photo_visible_to(person, "photo__")).select_related("photo")
    return links.order_by("photo__position", "photo__created", "photo_id")


def listed(person: Viewer) -> QuerySet[Occurrence]:
    """With all that a row of the list says."""
    rows = gallery(person).select_related(*NEEDED)
    return rows.prefetch_related(Prefetch("occurrence_photos", queryset=shown_links(person)))


class OccurrenceViewSet(AsFeatures, ActionErrors, viewsets.ReadOnlyModelViewSet):
    """Organisms in sightings, with their names as agreed; one of them with everything said about it."""

    scope = TokenScope.IDENTIFY
    queryset = Occurrence.objects.all()
    filterset_class = OccurrenceFilter
    held_by = seen_in = "observation"
    lookup_value_regex = UUID_PATTERN
    ordering = ("listed_at", "id")
    changed = ("observation__updated", "id")

    def get_serializer_class(self):
        return NamedOccurrenceSerializer if self.action == "list" else DiscussedOccurrenceSerializer

    @extend_schema(responses=either(NamedOccurrenceSerializer, many=True))
    def list(self, request, *args, **arguments):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.answer_page(page, self.get_serializer(page, many=True).data)

    @extend_schema(responses=either(DiscussedOccurrenceSerializer))
    def retrieve(self, request, *args, **arguments):
        occurrence = self.get_object()
        photos = [link.photo for link in occurrence.occurrence_photos.all()]
        request.shown.extend(
            (digest(photo.sha256), each.source) for photo in photos for each in photo.suggestions.all()
        )
        people = {each.person_id for each in occurrence.identifications.all()}
        people |= {each.reviewer_id for each in occurrence.rulings.all()}
        note_threads(request, [occurrence.pk] if people - {request.user.pk} else [])
        return self.answer_row(occurrence, self.get_serializer(occurrence).data)

    @extend_schema(
        request=OccurrenceInput,
        responses={200: DiscussedOccurrenceSerializer, 201: DiscussedOccurrenceSerializer},
    )
    def update(self, request, pk=None):
        """There is one more organism on these photos of a sighting. The same id again is the same one."""
        given = OccurrenceInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        known = Occurrence.objects.filter(pk=pk).exists()
        occurrences.add(by=request.user, id=UUID(pk), **given.validated_data)
        answer = self.retrieve(request, pk=pk)
        answer.status_code = status.HTTP_200_OK if known else status.HTTP_201_CREATED
        return answer

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def take_back(self, request, pk=None):
        """There is no such other one, after all: gone, while nobody has said anything of it."""
        occurrences.take_back(occurrence=self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_queryset(self):
        person = self.request.user
        if self.action == "list":
            return listed(person)
        visible = photo_visible_to(person, "photo__")
        rows = Occurrence.objects.visible_to(person).select_related(*NEEDED)
        said = Suggestion.objects.filter(region=None).select_related("taxon__synonym_of")
        identifications = Identification.objects.select_related("person", "taxon", "disagrees_with")
        return rows.select_related("verdict__taxon").prefetch_related(
            Prefetch(
                "occurrence_photos",
                queryset=shown_links(person).prefetch_related(Prefetch("photo__suggestions", queryset=said)),
            ),
            Prefetch("identifications", queryset=identifications),
            Prefetch("rulings", queryset=Ruling.objects.select_related("taxon", "reviewer", "source")),
            Prefetch(
                "boxes",
                queryset=Box.objects.filter(visible, withdrawn_at=None).select_related("person"),
            ),
            Prefetch("regions", queryset=Region.objects.filter(visible).order_by("created", "id")),
            Prefetch("measurements", queryset=Measurement.objects.all()),
        )
