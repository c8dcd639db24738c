"""Who asks: the one place that knows an address from what a proxy says of it."""

import ipaddress
import os
from collections.abc import Mapping
from typing import Any

# A household of IPv6 is given a whole network, and may use a new address for every request.
NETWORK_BITS = 64


def trusted_proxies() -> int:
    """How many proxies stand between the open internet and this server; the setting `TRUSTED_PROXIES`."""
    return int(os.environ.get("TRUSTED_PROXIES", "0"))


def client_address(environ: Mapping[str, Any], proxies: int | None = None) -> str:
    """The address that the outermost of our own proxies saw; without proxies the one that is connected.

    Each proxy adds the address it saw at the end of `X-Forwarded-For`. What stands before what ours added is
    whatever the client chose to write there, and is not looked at.
    """
    connected = str(environ.get("REMOTE_ADDR", ""))
    proxies = trusted_proxies() if proxies is None else proxies
    said = [each.strip() for each in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    if not 0 < proxies <= len(said) or not _is_address(said[-proxies]):
        return connected
    return said[-proxies]


def household(address: str) -> str:
    """What is counted as one client: an IPv4 address, or the network that an IPv6 address is of."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((int(known), NETWORK_BITS), strict=False))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
