from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts.api import UUID_PATTERN
from accounts.models import Licence
from accounts.token_scopes import TokenScope
from species import access, ingest
from species.actions import partings, photos
from species.api.bodies import FORM, REPR_DIGEST, Picture, check_digest
from species.api.errors import ActionErrors, KeptPrivate
from species.api.fields import SentFile
from species.images.decode import SIZES
from species.models import Observation, Photo, Purpose, State, Surroundings
from species.presenters.plates import rendition_url


class PhotoSummarySerializer(serializers.ModelSerializer):
    """What everybody who sees a photo may know of it. Sizes are pixels of the upright image."""

    renditions = serializers.SerializerMethodField()
    whole_renditions = serializers.SerializerMethodField()
    public_rendition = serializers.ChoiceField(Surroundings.choices, read_only=True)
    shown_part = serializers.SerializerMethodField()

    class Meta:
        model = Photo
        fields = [
            *["id", "position", "width", "height", "water", "drawn", "licence", "credit", "renditions"],
            *["whole_renditions", "public_rendition", "shown_part"],
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_renditions(self, photo):
        return self._addresses(photo, whole=False)

    @extend_schema_field(serializers.DictField(child=serializers.CharField(), allow_null=True))
    def get_whole_renditions(self, photo):
        """Where all of it is, for whoever may have the original; null for others."""
        exact = self.context.get("exact", False)
        may = exact if isinstance(exact, bool) else photo.observation_id in exact
        return self._addresses(photo, whole=True) if may else None

    @extend_schema_field(serializers.DictField(child=serializers.FloatField(), allow_null=True))
    def get_shown_part(self, photo):
        """What `renditions` show of the upright photo, in fractions; null for all of it."""
        part = photo.shown_part
        return part and dict(zip(("x", "y", "width", "height"), part, strict=True))

    def _addresses(self, photo, whole: bool) -> dict[str, str]:
        request = self.context.get("request")
        addresses = {str(size): rendition_url(photo, size, whole) for size in SIZES}
        if request is None:
            return addresses
        return {size: request.build_absolute_uri(address) for size, address in addresses.items()}


class PhotoSerializer(PhotoSummarySerializer):
    """`file` and `consents` are there for whoever may have the original, and null otherwise."""

    owner = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField()
    consents = serializers.SerializerMethodField()

    class Meta(PhotoSummarySerializer.Meta):
        fields = [
            *PhotoSummarySerializer.Meta.fields,
            "observation",
            "owner",
            "created",
            "file",
            "consents",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField())
    def get_owner(self, photo):
        return {"id": str(photo.owner_id), "name": photo.owner.display_name}

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_file(self, photo):
        if not self.context["exact"]:
            return None
        return {
            "url": self.context["request"].build_absolute_uri(reverse("photo_original", args=[photo.pk])),
            "sha256": photo.sha256,
            "media_type": photo.media_type,
            "size": photo.file_size,
            "name": photo.file_name,
            "metadata": photo.metadata,
        }

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField(), allow_null=True))
    def get_consents(self, photo):
        if not self.context["exact"]:
            return None
        return {each.purpose: each.granted for each in photo.consents.filter(superseded_at=None)}


class PhotoInput(serializers.Serializer):
    file = SentFile(
        allow_empty_file=True,
        error_messages={"required": "Send the photo as the part “file” of a multipart form."},
    )
    observation = serializers.UUIDField(
        required=False, help_text="A draft or a sighting of yours; without it a draft is made."
    )
    licence = serializers.ChoiceField(Licence.choices, required=False)
    credit = serializers.CharField(required=False, allow_blank=True, max_length=300)
    consents = serializers.MultipleChoiceField(
        choices=Purpose.choices, required=False, help_text="Without it: what your account says."
    )
    position = serializers.IntegerField(required=False, min_value=0, max_value=32767)


class PhotoWords(PhotoInput):
    """What is said of a photo beside it."""

    file = None


FORMS = [MultiPartParser, *api_settings.DEFAULT_PARSER_CLASSES]
BESIDE = tuple(PhotoWords().fields)
IN_THE_FORM = (
    "Say it in the form, beside the file: in the address it is read where the body is the photo itself."
)
DIGEST = OpenApiParameter(
    REPR_DIGEST,
    str,
    location=OpenApiParameter.HEADER,
    description=f"{FORM} Other bytes are refused with 422, and nothing is kept.",
)


def of_whoever(owner, fields: dict) -> dict:
    """What `ingest.receive` takes, of what was said. Raises NotYours for a sighting of somebody else."""
    if "observation" not in fields:
        return fields
    observation = Observation.objects.filter(pk=fields["observation"], observer=owner).first()
    if observation is None:
        raise access.NotYours("No such sighting of yours.")
    return fields | {"observation": observation}


class ConsentInput(serializers.Serializer):
    show = serializers.BooleanField(required=False)
    research = serializers.BooleanField(required=False)
    train = serializers.BooleanField(required=False)


class PhotoViewSet(KeptPrivate, ActionErrors, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Photos. PUT with an id of your choosing sends one; the same request again is the same photo."""

    scope = TokenScope.OBSERVE
    queryset = Photo.objects.none()
    serializer_class = PhotoSerializer
    parser_classes = [Picture, *FORMS]
    held_by = "observation"
    # A photo is decoded meanwhile; the same again changes nothing.
    compared_unheld = ("update",)
    lookup_value_regex = UUID_PATTERN

    def retrieve(self, request, pk=None):
        photo = get_object_or_404(self._rows(), pk=pk)
        visible = Photo.objects.visible_to(request.user).filter(pk=pk).exists()
        if not visible and not access.can_see_original(request.user, photo):
            raise Http404("No such photo.")
        return Response(self._data(photo))

    @extend_schema(
        request={"multipart/form-data": PhotoInput, "image/*": OpenApiTypes.BINARY},
        parameters=[PhotoWords, DIGEST],
        responses={200: PhotoSerializer, 201: PhotoSerializer},
    )
    def update(self, request, pk=None):
        """Send a photo: 201, or 200 with a `notice` (and the id it has) where you had sent it before.

        As the part `file` of a form, or as the body itself; then what is said of it stands in the address.
        """
        said = self._said(request)
        given = PhotoInput(data=said)
        given.is_valid(raise_exception=True)
        fields = dict(given.validated_data)
        file = fields.pop("file")
        # An HTML form that says nothing of consents sends an empty set; only its presence counts.
        if "consents" not in said:
            fields.pop("consents", None)
        data = ingest.read(file)
        check_digest(request, data)
        received = ingest.receive(
            data=data,
            owner=request.user,
            id=UUID(pk),
            file_name=file.name or "",
            **of_whoever(request.user, fields),
        )
        photo = self._rows().get(pk=received.photo.pk)
        return Response(
            self._data(photo) | {"notice": received.notice},
            status=status.HTTP_201_CREATED if received.created else status.HTTP_200_OK,
        )

    @extend_schema(responses={204: None})
    def destroy(self, request, pk=None):
        """Erase a photo of a draft for good, or take one out of a published sighting that has others.

        That can be undone for 20 seconds at least, by the sighting's history; published datasets keep what they have.
        """
        own = self._own(pk)
        act = photos.erase if own.observation.state == State.DRAFT else partings.remove
        act(photo=own, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def split(self, request, pk=None):
        """Make a published sighting of its own of one photo of several; the answer's `observation` is the new one."""
        partings.split(photo=self._own(pk), by=request.user)
        return Response(self._data(self._rows().get(pk=pk)))

    @extend_schema(request=ConsentInput)
    @action(detail=True, methods=["patch"], parser_classes=FORMS)
    def consents(self, request, pk=None):
        """Say what a photo of yours may be used for; what is left out stays as it is."""
        given = ConsentInput(data=request.data)
        given.is_valid(raise_exception=True)
        photo = self._own(pk)
        # From a form a missing box reads as false; only what was really sent is said.
        for purpose, granted in given.validated_data.items():
            if purpose in request.data:
                photos.say(photo=photo, purpose=purpose, granted=granted, by=request.user)
        return Response(self._data(self._rows().get(pk=photo.pk)))

    def _said(self, request):
        """What was said of the photo, and the photo."""
        if not (request.content_type or "").startswith("image/"):
            if beside := [name for name in BESIDE if name in request.query_params]:
                raise exceptions.ValidationError({name: [IN_THE_FORM] for name in beside})
            return request.data
        said = request.query_params.copy()
        # Of an empty body nothing is read.
        said.setlist("file", [request.data.get("file", SimpleUploadedFile("photo", b""))])
        return said

    def _rows(self):
        return Photo.objects.kept().select_related("owner", "batch", "observation__batch")

    def _own(self, pk: str) -> Photo:
        photo = get_object_or_404(self._rows(), pk=pk)
        if not access.can_edit(self.request.user, photo.observation):
            raise access.NotYours("No such photo of yours.")
        return photo

    def _data(self, photo: Photo) -> dict:
        exact = self.private = access.can_see_original(self.request.user, photo)
        return PhotoSerializer(photo, context=self.get_serializer_context() | {"exact": exact}).data
