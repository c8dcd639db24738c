"""What somebody was shown, as requests bring it along: models' words by photo, others' by organism."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from labeling.actions import suggestions, threads

Seen = tuple[
    str, str
]  # digest of a photo and name of a model; or id of an organism, in 32 digits, and nothing


def keep(*, what: Iterable[Seen], by: User) -> None:
    """Remember it, the last seen last. Again is no error."""
    what = list(what)
    of_models = [each for each in what if each[1]]
    of_others = [UUID(thing) for thing, source in what if not source]
    if of_models:
        suggestions.show(what=of_models, by=by)
    if of_others:
        threads.show(occurrences=of_others, by=by)
