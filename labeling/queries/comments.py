"""Comments: whom they mention, whether they name a taxon, and who reads what of them."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User, Viewer
from labeling.models import Comment, CommentReport, Identification, Ruling
from labeling.models.comments import changed
from species.models import Observation, observation_visible_to


class Piece(NamedTuple):
    """Part of a text: plain, or "@" and a name with the people it may mean."""

    text: str
    people: tuple[User, ...] = ()


def pieces(text: str, people: Iterable[User]) -> list[Piece]:
    """The text in parts, those of `people` told apart that it mentions: "@" and just what somebody is called.

    Of names that begin alike the longest is meant; two people who are called the same are both meant. No part is
    empty; together they are the text.
    """
    named: dict[str, list[User]] = {}
    for each in people:
        named.setdefault(each.display_name, []).append(each)
    names = "|".join(re.escape(name) for name in sorted(named, key=len, reverse=True) if name)
    if not names:
        return [Piece(text)] if text else []
    found, at = [], 0
    for match in re.finditer(rf"(?<!\w)@({names})(?!\w)", text):
        found += [Piece(text[at : match.start()]), Piece(match.group(), tuple(named[match.group(1)]))]
        at = match.end()
    return [each for each in [*found, Piece(text[at:])] if each.text]


def mentioned(text: str, people: Iterable[User]) -> set[UUID]:
    return {person.pk for piece in pieces(text, people) for person in piece.people}


def people_here(observation: Observation) -> list[User]:
    """Who can be mentioned: whose sighting it is, and whoever said something there. One query."""
    names = Identification.objects.filter(occurrence__observation=observation, person=OuterRef("pk"))
    rulings = Ruling.objects.filter(occurrence__observation=observation, reviewer=OuterRef("pk"))
    comments = Comment.objects.filter(observation=observation, person=OuterRef("pk"))
    here = Q(pk=observation.observer_id) | Q(Exists(names)) | Q(Exists(rulings)) | Q(Exists(comments))
    return list(User.objects.filter(here).order_by("created", "pk"))


def comments_on(observation: Observation) -> list[Comment]:
    """All on this sighting, oldest first, each with `reported`, how many reports of it are open. One query."""
    rows = Comment.objects.filter(observation=observation).select_related("person", "hidden_by")
    reported = Count("reports", filter=Q(reports__resolved_at=None))
    return list(rows.annotate(reported=reported).order_by("created", "id"))


def visible_to(rows: QuerySet[Comment], person: Viewer) -> QuerySet[Comment]:
    """Those on sightings that `person` may see."""
    if person is None or not person.is_authenticated:
        return rows.filter(shown=True)
    return rows.filter(Q(shown=True) | observation_visible_to(person, "observation__"))


def changed_since(rows: QuerySet[Comment], moment: datetime) -> QuerySet[Comment]:
    """What was written, changed or became visible at or after `moment`, with `changed`, the last of these."""
    return rows.annotate(changed=changed()).filter(changed__gte=moment)


def open_reports(comment: Comment) -> QuerySet[CommentReport]:
    return CommentReport.objects.filter(comment=comment, resolved_at=None)
