"""Who is at the other end: the one address that limits count by, however many proxies stand in between."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings

FORWARDED = "HTTP_X_FORWARDED_FOR"


def client_address(environ: Mapping[str, Any]) -> str:
    """The address of whoever asks, from a WSGI environment (`request.META` is one).

    Each of the `TRUSTED_PROXIES` nearest proxies has added the address of its own client on the right of
    X-Forwarded-For; what stands left of those anybody may have made up. An IPv6 address is that of its /64
    network, all of which one line is given. Empty where the server knows none (a unix socket).
    """
    said = [part for part in environ.get(FORWARDED, "").split(",") if part.strip()]
    if settings.TRUSTED_PROXIES > 0 and said:
        vouched_for = said[-min(settings.TRUSTED_PROXIES, len(said))]
        if address := _counted(vouched_for):
            return address
    return _counted(environ.get("REMOTE_ADDR", ""))


def _counted(text: str) -> str:
    """As it is counted; empty if it is no address. Some proxies add the port, and brackets around IPv6."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address if address.is_loopback else IPv6Address(int(address) >> 64 << 64))
