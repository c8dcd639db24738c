"""What messages are signed with, as Standard Webhooks writes it."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime

from standardwebhooks import Webhook

MARK = "whsec_"
BYTES = 32  # between 24 and 64


def make() -> str:
    return MARK + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signature(keys: Iterable[str], *, id: str, at: datetime, text: str) -> str:
    """The header of a message: one signature by each of the keys, so that a new one can be taken over in peace."""
    return " ".join(Webhook(key).sign(id, at, text) for key in keys)
