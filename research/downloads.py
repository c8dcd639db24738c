"""What a person gets who asks for a dataset's files: a stream, or the reason why not."""

from dataclasses import dataclass

from django.http import HttpResponse, StreamingHttpResponse

from research.exports import Format, file_name
from research.exports.readme import whole
from research.manifest import store
from research.models import Dataset


@dataclass
class NotAvailable(Exception):
    """`status` is the HTTP status, `why` a sentence."""

    status: int
    why: str

    def __str__(self) -> str:
        return self.why


def manifest_file(dataset: Dataset) -> HttpResponse:
    """The manifest as JSON. Raises NotAvailable."""
    return HttpResponse(whole(_read(dataset)), content_type="application/json")


def export(dataset: Dataset, format: Format) -> StreamingHttpResponse:
    """The archive, made while it is sent. Raises NotAvailable."""
    content = _read(dataset)
    response = StreamingHttpResponse(format.write(content), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{file_name(content, format)}"'
    # Which content it is, for whoever keeps a copy: the sha256 that its README names.
    response["ETag"] = f'"{dataset.content_hash}-{format.name}"'
    return response


def _read(dataset: Dataset) -> dict:
    if dataset.state == Dataset.State.RETIRED:
        raise NotAvailable(410, f"{dataset} was taken back: {dataset.retired_reason}")
    if dataset.state != Dataset.State.FROZEN:
        raise NotAvailable(409, f"{dataset} is not frozen, so there is nothing to download.")
    try:
        return store.read(dataset)
    except store.Unreadable as error:
        raise NotAvailable(503, str(error)) from error
