"""The key that signs where none was set. Everybody can read it here, so what it signs is worth nothing, and the
site answers on its own machine alone. No Django in here: what starts the site asks too.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

KEY = "development-only-key-that-signs-nothing-of-worth"
REFUSAL = (
    "This site was started without SECRET_KEY, so it answers on the machine it runs on and nowhere else. "
    "Set SECRET_KEY to 50 or more random characters, or start it with make run, which makes a key."
)
# What a proxy says of whom it speaks for. One that says nothing of all that cannot be told from a browser here.
SPEAKS_FOR_OTHERS = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
    "HTTP_VIA",
)


def is_loopback(host: str) -> bool:
    """Does this name or address mean the machine itself?"""
    host = host.strip("[]").lower()
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def from_this_machine(environ: Mapping[str, Any]) -> bool:
    """Does nobody else speak here? To be asked before any proxy is believed.

    Who comes from elsewhere is seen by the address of their socket, who comes through a proxy on this machine
    by its headers, or by the name that they called the site by.
    """
    if any(name in environ for name in SPEAKS_FOR_OTHERS):
        return False
    name = environ.get("HTTP_HOST", "localhost")
    host = name if name.endswith("]") else name.rpartition(":")[0] or name
    return is_loopback(environ.get("REMOTE_ADDR", "")) and is_loopback(host)
