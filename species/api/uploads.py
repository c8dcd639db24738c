"""tus 1.0: a photo sent piece by piece, with creation, checksum, expiration and termination (https://tus.io)."""

import base64
import binascii
import json
import re
from typing import Any
from uuid import UUID, uuid4

from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, permissions, serializers, status, viewsets
from rest_framework.parsers import BaseParser
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from species import uploads
from species.api.bodies import said_digests
from species.api.errors import ActionErrors
from species.api.photos import DIGEST, PhotoWords
from species.images.refusals import MAX_BYTES
from species.models import Upload

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
CAN = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,checksum,expiration,termination",
    "Tus-Max-Size": str(MAX_BYTES),
    "Tus-Checksum-Algorithm": ",".join(uploads.CHECKSUMS),
}
# What programs that send files of any kind say of them by themselves; a photo's bytes say it better.
PASSED_OVER = {"filetype", "type", "relativePath", "contentType"}
NAMES = {"filename", "name"}
METADATA = (
    "Write a name and its value in base64, and a comma before the next: filename ZmlzaC5qcGc=,licence …"
)
COUNT = "Write a number of bytes."
OVERRIDE = "X-HTTP-Method-Override"
NO_BODY = "This address takes no body: the first piece is sent to the address that it answers."
CHECKSUM = f"Write one of {', '.join(uploads.CHECKSUMS)}, a space and the checksum in base64."


class OtherVersion(exceptions.APIException):
    """412, with the version that is spoken here, as tus asks."""

    status_code = 412
    default_detail = f"Say which tus you speak: Tus-Resumable: {VERSION}."
    default_code = "tus_version"


class At(exceptions.APIException):
    status_code = 409
    default_code = "other_offset"


class More(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


class OtherChecksum(exceptions.APIException):
    status_code = 460
    default_code = "checksum_mismatch"


class Piece(BaseParser):
    """Read by whoever keeps it, as it comes."""

    media_type = PIECE

    def parse(self, stream, media_type=None, parser_context=None):
        return {}


class UploadSerializer(serializers.ModelSerializer):
    """`photo` is the one that it became, or the one that you had sent before. `refused` and `refusal` say why it was
    not taken: a code and a sentence.
    """

    photo = serializers.UUIDField(source="photo_id", read_only=True, allow_null=True)

    class Meta:
        model = Upload
        fields = ["id", "state", "length", "offset", "photo", "refused", "refusal", "created", "expires"]
        read_only_fields = fields


def header(
    name: str, description: str, type: Any = str, required: bool = True, **more: Any
) -> OpenApiParameter:
    return OpenApiParameter(
        name, type, OpenApiParameter.HEADER, description=description, required=required, **more
    )


TUS = header("Tus-Resumable", "The version of the protocol.", enum=[VERSION])


class UploadViewSet(ActionErrors, viewsets.GenericViewSet):
    """Photos that are sent piece by piece (tus 1.0), for lines that break. What is not whole after a day is gone."""

    scope = TokenScope.OBSERVE
    queryset = Upload.objects.none()
    serializer_class = UploadSerializer
    permission_classes = [permissions.IsAuthenticated]
    pagination_class = None
    filter_backends = ()
    parser_classes = [Piece, *api_settings.DEFAULT_PARSER_CLASSES]
    # Bytes are stored meanwhile; where it goes on is compared by the protocol itself.
    compared_unheld = ("partial_update",)
    lookup_value_regex = UUID_PATTERN

    def dispatch(self, request, *args, **kwargs):
        """Programs behind what lets GET and POST through alone name the method in a header, as tus has it."""
        meant = request.headers.get(OVERRIDE, "").upper()
        if request.method == "POST" and meant in ("PATCH", "DELETE") and hasattr(self, meant.lower()):
            request.method = meant
        return super().dispatch(request, *args, **kwargs)

    @property
    def reads_its_body(self) -> bool:
        """A piece is a file, which nobody holds in memory for this; what else may be said stands in headers."""
        return self.request.method == "PATCH"

    def get_permissions(self):
        """What is spoken here is asked before anybody says who they are."""
        asks = getattr(getattr(self, "request", None), "method", "") == "OPTIONS"
        return [] if asks else super().get_permissions()

    def options(self, request, *args, **kwargs):
        """Which version of tus this is, and which of its extensions."""
        return Response(status=status.HTTP_204_NO_CONTENT, headers=CAN)

    @extend_schema(
        request=None,
        responses={201: None},
        parameters=[
            TUS,
            header("Upload-Length", f"Bytes of the photo, {MAX_BYTES} at most.", int),
            header(
                "Upload-Metadata",
                "What is said of it, each value in base64: `filename`, `id` (one of your choosing, for the upload and "
                f"its photo), {', '.join(f'`{name}`' for name in PhotoWords().fields)}; a comma between consents.",
                required=False,
            ),
            DIGEST,
        ],
    )
    def create(self, request):
        """Begin one: `Location` is where its pieces are sent, `Upload-Expires` until when."""
        _same_version(request)
        if request.stream is not None:
            raise exceptions.ValidationError({"detail": NO_BODY})
        said = _metadata(request.headers.get("Upload-Metadata", ""))
        file_name, id = said.pop("filename", ""), said.pop("id", None)
        words = PhotoWords(data=said)
        if not words.is_valid():
            raise exceptions.ValidationError({"Upload-Metadata": _sentences(words.errors)})
        upload = uploads.begin(
            by=request.user,
            id=id or uuid4(),
            length=_count(request, "Upload-Length"),
            said=json.loads(json.dumps({n: _plain(v) for n, v in words.validated_data.items()})),
            file_name=file_name,
            digest=said_digests(request).get("sha-256", b"").hex(),
        )
        address = request.build_absolute_uri(reverse("api-upload-detail", args=[upload.pk]))
        return self._answer(upload, status.HTTP_201_CREATED, {"Location": address})

    @extend_schema(responses=UploadSerializer)
    def retrieve(self, request, pk=None):
        """How far it is, and what became of it. HEAD says `Upload-Offset`, where it goes on."""
        upload = uploads.standing(id=pk, by=request.user)
        answer = Response(self.get_serializer(upload).data, headers=_stands(upload))
        patch_cache_control(answer, no_store=True)
        return answer

    @extend_schema(
        request={PIECE: OpenApiTypes.BINARY},
        responses={204: None},
        parameters=[
            TUS,
            header("Upload-Offset", "The byte at which this piece begins.", int),
            header("Upload-Checksum", f"{CHECKSUM} Another one is answered 460.", required=False),
        ],
    )
    def partial_update(self, request, pk=None):
        """Send the next piece. With the last one it becomes a photo (`Content-Location`), or is refused, and why."""
        _same_version(request)
        if (request.content_type or "").partition(";")[0].strip() != PIECE:
            raise exceptions.UnsupportedMediaType(request.content_type or "")
        offset, checksum = _count(request, "Upload-Offset"), _checksum(request)
        upload = uploads.standing(id=pk, by=request.user)
        upload = uploads.add(
            upload=upload, by=request.user, offset=offset, body=request._request, checksum=checksum
        )
        return self._answer(upload, status.HTTP_204_NO_CONTENT, {})

    @extend_schema(responses={204: None}, parameters=[TUS])
    def destroy(self, request, pk=None):
        """Forget it, and what has arrived of it. A photo that it became stays."""
        _same_version(request)
        uploads.end(upload=uploads.standing(id=pk, by=request.user), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def handle_exception(self, exc):
        if isinstance(exc, uploads.Elsewhere):
            exc = At(str(exc))
        elif isinstance(exc, uploads.TooLong):
            exc = More(str(exc))
        elif isinstance(exc, uploads.OtherPiece):
            exc = OtherChecksum(str(exc))
        elif isinstance(exc, uploads.Refused):
            exc = exceptions.ValidationError({"file": [exceptions.ErrorDetail(exc.sentence, exc.code)]})
        return super().handle_exception(exc)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Tus-Resumable"] = VERSION
        if response.status_code == OtherVersion.status_code:
            response.headers["Tus-Version"] = VERSION
        return response

    def _answer(self, upload: Upload, status_code: int, more: dict[str, str]) -> Response:
        return Response(status=status_code, headers=_stands(upload) | more)


def _stands(upload: Upload) -> dict[str, str]:
    said = {
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(upload.length),
        "Upload-Expires": http_date(upload.expires.timestamp()),
    }
    if upload.photo_id:
        said["Content-Location"] = reverse("api-photo-detail", args=[upload.photo_id])
    return said


def _same_version(request) -> None:
    """Raises ValidationError, OtherVersion."""
    spoken = request.headers.get("Tus-Resumable")
    if spoken is None:
        raise exceptions.ValidationError({"Tus-Resumable": [OtherVersion.default_detail]})
    if spoken != VERSION:
        raise OtherVersion


def _count(request, name: str) -> int:
    said = request.headers.get(name, "")
    if not re.fullmatch(r"[0-9]{1,15}", said):
        raise exceptions.ValidationError({name: [COUNT]})
    return int(said)


def _checksum(request) -> uploads.Checksum | None:
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return None
    algorithm, _, digest = said.strip().partition(" ")
    try:
        found = base64.b64decode(digest.strip(), validate=True)
    except binascii.Error:
        found = b""
    if algorithm not in uploads.CHECKSUMS or len(found) != uploads.CHECKSUMS[algorithm]().digest_size:
        raise exceptions.ValidationError({"Upload-Checksum": [CHECKSUM]})
    return uploads.Checksum(algorithm, found)


def _metadata(said: str) -> dict[str, Any]:
    """Raises ValidationError for what is unknown, said twice or no text."""
    found: dict[str, Any] = {}
    known = {*PhotoWords().fields, *NAMES, *PASSED_OVER, "id"}
    for each in filter(None, (part.strip() for part in said.split(","))):
        name, _, value = each.partition(" ")
        try:
            text = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise exceptions.ValidationError({"Upload-Metadata": [METADATA]}) from error
        if name not in known or name in found or "\0" in text:
            names = ", ".join(sorted(known - PASSED_OVER))
            raise exceptions.ValidationError(
                {"Upload-Metadata": [f"Each of these may be said once: {names}."]}
            )
        found["filename" if name in NAMES else name] = text
    found = {name: value for name, value in found.items() if name not in PASSED_OVER}
    if "consents" in found:
        found["consents"] = [each.strip() for each in found["consents"].split(",") if each.strip()]
    if "id" in found:
        try:
            found["id"] = UUID(found["id"])
        except ValueError as error:
            raise exceptions.ValidationError({"Upload-Metadata": ["id: this is no UUID."]}) from error
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return sorted(value) if isinstance(value, set) else value


def _sentences(errors: dict[str, Any]) -> list[str]:
    return [f"{name}: {each}" for name, those in errors.items() for each in those]
