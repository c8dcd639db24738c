"""What of an upload reaches memory and disk: of each file no more than it takes to see that it is too large."""

from django.core.files.uploadhandler import FileUploadHandler

from species.imaging import MAX_BYTES

AT_MOST = MAX_BYTES + 1  # bytes of one file


class CutHandler(FileUploadHandler):
    """First in `FILE_UPLOAD_HANDLERS`: hands the beginning of a file on to the handlers that keep it.

    The rest is read and dropped. Refusing at once would be quicker, but to a phone that still sends it is a
    network failure; and without a limit anybody could fill the disk, on any page that has a form.
    """

    def receive_data_chunk(self, raw_data, start):
        left = AT_MOST - start
        return raw_data[:left] if left > 0 else None

    def file_complete(self, file_size):
        return None
