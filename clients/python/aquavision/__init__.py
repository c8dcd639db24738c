"""A site of Aqua Vision, from Python and from the command line. `Site` is where to begin."""

from aquavision.answers import Refused, Unreachable
from aquavision.login import NotLoggedIn
from aquavision.site import Site

__all__ = ["NotLoggedIn", "Refused", "Site", "Unreachable"]
