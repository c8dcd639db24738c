"""Which answers are compressed: pages and JSON that are worth it, and nothing that a stranger's guess could read.

Whoever can put words into an answer and watch how long it gets learns what else stands in it (BREACH). Django adds
a random number of bytes, and masks its CSRF tokens anew each time; what may not be kept anywhere (`no-store`: a new
token, an exact place, a prediction) is not compressed at all.
"""

from django.middleware.gzip import GZipMiddleware

TYPES = ("text/", "application/json", "application/vnd.oai.openapi", "application/geo+json", "image/svg+xml")


class CompressionMiddleware(GZipMiddleware):
    def process_response(self, request, response):
        if (
            # Archives, photos and exports are streams, and as short as they get.
            response.streaming
            or not response.get("Content-Type", "").startswith(TYPES)
            or "no-store" in response.get("Cache-Control", "")
        ):
            return response
        return super().process_response(request, response)
