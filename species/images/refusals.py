"""Why a file is not taken as a photo, for programs and for people."""

from __future__ import annotations

MAX_BYTES = 25 * 1024 * 1024


MAX_PIXELS = 60_000_000


MESSAGES = {
    "empty": "The file is empty. Copy it from the camera again.",
    "too_large": f"The file is larger than {MAX_BYTES // 2**20} MB, the most we take. Send a smaller copy.",
    "not_an_image": "This is not a photo we can read. Send a JPEG, HEIC, PNG, WebP or AVIF.",
    "truncated": "The file stops half-way. Copy it from the camera again.",
    "too_many_pixels": (
        f"The photo has more than {MAX_PIXELS // 1_000_000} million pixels, the most we take. "
        "Send a smaller copy."
    ),
    "broken": "The file is damaged and cannot be read. Copy it from the camera again.",
    "timeout": "The photo took too long to read. Save it again as a JPEG and send that.",
}


class ImageRefused(Exception):
    """A file that is not taken. `code` is for programs (a key of `MESSAGES`), `str()` for the person who
    sent it.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message or MESSAGES[code]

    def __str__(self) -> str:
        return self.message
