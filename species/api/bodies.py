"""A photo that is the whole body of a request, and the digest that a client sends beside it (RFC 9530)."""

import base64
import binascii
import hashlib
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.http import parse_header_parameters
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from species.images.refusals import MAX_BYTES

REPR_DIGEST = "Repr-Digest"
ALGORITHMS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
FORM = "Write sha-256=:…:, with the digest of the photo's bytes in base64 between the colons."
MEMBER = re.compile(r"([a-z0-9-]+)=:([A-Za-z0-9+/]+={0,2}):")
OTHER_BYTES = "These are other bytes than their digest says. Nothing was kept: send the photo again."


class OtherBytes(exceptions.APIException):
    """422: what arrived is not what was sent."""

    status_code = 422
    default_detail = OTHER_BYTES
    default_code = "digest_mismatch"


class Picture(BaseParser):
    """The file alone; what else is said of it stands in the address. Its name is that of `Content-Disposition`."""

    media_type = "image/*"

    def parse(self, stream, media_type=None, parser_context=None):
        # No more than it takes to see that it is too large: `ingest.read` says so.
        data = stream.read(MAX_BYTES + 1)
        said = parser_context["request"].headers.get("Content-Disposition", "")
        return {"file": SimpleUploadedFile(_file_name(said) or "photo", data, media_type)}


def _file_name(said: str) -> str:
    try:
        name = parse_header_parameters(said)[1].get("filename", "")
    except (LookupError, ValueError):
        # In an encoding that nobody knows. It is a name: the photo is taken without one.
        return ""
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def said_digests(request: Request) -> dict[str, bytes]:
    """Algorithm to digest, of `Repr-Digest`; empty without one. Raises ValidationError for what nothing can be
    compared with: a client that means to be checked must not take silence for that.
    """
    header = request.headers.get(REPR_DIGEST)
    if header is None:
        return {}
    found = {}
    for member in header.split(","):
        match = MEMBER.fullmatch(member.strip())
        try:
            digest = base64.b64decode(match[2], validate=True) if match else b""
        except binascii.Error:
            digest = b""
        known = ALGORITHMS.get(match[1]) if match else None
        if match is None or (known is not None and len(digest) != known().digest_size):
            raise exceptions.ValidationError({REPR_DIGEST: [FORM]})
        if known is not None:
            found[match[1]] = digest
    if not found:
        names = " or ".join(ALGORITHMS)
        raise exceptions.ValidationError({REPR_DIGEST: [f"Of these, {names} is compared: send one of them."]})
    return found


def check_digest(request: Request, data: bytes) -> None:
    """Raises OtherBytes, ValidationError."""
    for algorithm, digest in said_digests(request).items():
        if ALGORITHMS[algorithm](data).digest() != digest:
            raise OtherBytes
