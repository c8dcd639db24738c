"""What of an upload reaches memory and disk: of each file no more than it takes to see that it is too large."""

from contextlib import suppress
from io import BytesIO

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import (
    FileUploadHandler,
    MemoryFileUploadHandler,
    StopFutureHandlers,
    TemporaryFileUploadHandler,
)

from species.images.refusals import MAX_BYTES

AT_MOST = MAX_BYTES + 1  # bytes of one file
TOGETHER = 256 * 1024 * 1024  # bytes of one request; whoever sends more sends it in several
PIECE = 512 * 1024  # bytes


class CutHandler(FileUploadHandler):
    """First in `FILE_UPLOAD_HANDLERS`: hands the beginning of a file on to the handlers that keep it.

    The rest is read and dropped. Refusing at once would be quicker, but to a phone that still sends it is a
    network failure; and without a limit anybody could fill the disk, on any page that has a form.
    """

    chunk_size = PIECE

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        if content_length > TOGETHER:
            raise RequestDataTooBig("More files at once than we have room for beside those of others.")

    def receive_data_chunk(self, raw_data, start):
        left = AT_MOST - start
        return raw_data[:left] if left > 0 else None

    def file_complete(self, file_size):
        return None


class MemoryHandler(MemoryFileUploadHandler):
    """Django's, without writing the pieces one after another into a buffer that grows."""

    chunk_size = PIECE

    def new_file(self, *args, **kwargs):
        FileUploadHandler.new_file(self, *args, **kwargs)
        if self.activated:
            self.pieces = []
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data, start):
        if not self.activated:
            return raw_data
        self.pieces.append(raw_data)
        return None

    def file_complete(self, file_size):
        if not self.activated:
            return None
        # Handler and request refer to each other, so what the handler keeps stays until the next collection.
        pieces, self.pieces = self.pieces, []
        return InMemoryUploadedFile(
            file=BytesIO(b"".join(pieces)),
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


class FileHandler(TemporaryFileUploadHandler):
    chunk_size = PIECE


def forget_unfinished(get_response):
    """Middleware: a file that broke off leaves the disk with its request.

    Django closes those that arrived whole. The others would stay until the next collection, on a disk that is
    perhaps full of them.
    """

    def middleware(request):
        response = get_response(request)
        for handler in request._upload_handlers:
            if isinstance(handler, FileHandler) and hasattr(handler, "file"):
                # What cannot be flushed is removed all the same.
                with suppress(OSError):
                    handler.file.close()
        return response

    return middleware
