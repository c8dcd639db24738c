"""Asking until a whole answer came: pauses that grow, and what a site says about coming back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

import httpx

from aquavision.answers import Broken, Busy, Unreachable

T = TypeVar("T")

# A cut connection, a wait that was too long, or an answer that ended before its Content-Length or inside its header.
LOST = (httpx.TransportError, httpx.DecodingError, Broken)
# Asking again is of no use.
HOPELESS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


def silent(sentence: str) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Patience:
    """How often and how long: `pause` seconds before the second try, twice as many before each further one up to
    `longest`. Who is told to come back in more than `at_most` seconds gives up. `told` hears why it takes longer.
    """

    tries: int = 8
    pause: float = 0.5
    longest: float = 30.0
    at_most: float = 300.0
    wait: Callable[[float], None] = time.sleep
    told: Callable[[str], None] = silent

    def insist(self, ask: Callable[[], T], *, again: bool = True) -> T:
        """The answer of `ask`, asked until it is whole; `again`: doing it twice is as good as doing it once.

        Without that it is asked again only where the site says that nothing was done.
        Raises Refused and Unreachable.
        """
        for number in count(1):
            try:
                return ask()
            except HOPELESS as error:
                raise Unreachable(f"This cannot be asked: {error}") from error
            except LOST as error:
                if not again or number >= self.tries:
                    raise Unreachable(_sentence(error, number)) from error
                seconds, why = self._backoff(number), "The connection broke off."
            except Busy as busy:
                seconds = max(busy.seconds, self._backoff(number))
                if number >= self.tries or not (again or busy.untouched) or seconds > self.at_most:
                    raise busy.refusal from busy
                why = str(busy)
            self.told(f"{why} Again in {seconds:.0f} s." if seconds >= 1 else why)
            self.wait(seconds)
        raise AssertionError("Counting ends nowhere.")

    def _backoff(self, number: int) -> float:
        # Not all clients of a site that was down come back in the same second.
        return min(self.longest, self.pause * 2.0 ** (number - 1)) * random.uniform(0.5, 1)


def _sentence(error: Exception, tries: int) -> str:
    often = "" if tries == 1 else f" Asked {tries} times."
    if isinstance(error, httpx.ConnectError):
        return f"The site does not answer ({error}).{often}"
    return f"The connection broke off ({str(error) or type(error).__name__}).{often}"
