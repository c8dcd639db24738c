"""How much one person or one address may send through the API.

Reading is not counted: a counter is a write, and lists are cheap. The ancestors' routes are not counted either:
their clients know no 429; a full house tells them 503 instead.
"""

from math import ceil

from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import SimpleRateThrottle

from accounts.counting import one_at_a_time


class Writes(SimpleRateThrottle):
    """By person, else by address; the rates are settings."""

    scope = "writes"

    def allow_request(self, request, view) -> bool:
        if request.method in SAFE_METHODS:
            return True
        request.counted = self
        if not request.user.is_authenticated:
            self.rate = self.THROTTLE_RATES["writes_anonymous"]
            self.num_requests, self.duration = self.parse_rate(self.rate)
        with one_at_a_time(self.get_cache_key(request, view)) as counted:
            if counted:
                return super().allow_request(request, view)
        # Asked again in a moment, as `wait` says of somebody who has sent nothing yet.
        self.history, self.now = [], self.timer()
        return False

    def charge(self, request, view, more: int) -> bool:
        """Count so many more writes of a request that was counted as one; none of them where they are too many."""
        counted = getattr(request, "counted", None)
        if counted is None or more < 1:
            return True
        with one_at_a_time(key := counted.get_cache_key(request, view)) as held:
            history = self.cache.get(key, []) if held else []
            if not held or len(history) + more > counted.num_requests:
                return False
            counted.history = [counted.timer()] * more + history
            self.cache.set(key, counted.history, counted.duration)
        return True

    def headers(self) -> dict[str, str]:
        """How much may be sent in how many seconds, how much of that is left, and in how many seconds it grows again.

        As the IETF's draft of RateLimit header fields writes it (draft-ietf-httpapi-ratelimit-headers-10).
        """
        left = max(0, self.num_requests - len(self.history))
        grows = self.duration - (self.now - self.history[-1]) if self.history else 0
        return {
            "RateLimit-Policy": f'"{self.scope}";q={self.num_requests};w={self.duration}',
            "RateLimit": f'"{self.scope}";r={left};t={max(0, ceil(grows))}',
        }

    def get_cache_key(self, request, view) -> str:
        who = request.user.pk if request.user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": who}


class Limited:
    """Mix into a view of the API: what was counted is answered with what is left. Every route has it
    (`config.api`).
    """

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        counted = getattr(request, "counted", None)
        if counted is not None:
            for name, value in counted.headers().items():
                response.headers[name] = value
        return response
