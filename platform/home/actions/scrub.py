"""Taking a name and an address out of whatever is written here, when their person's account ends.

Three rules, since a name may be a word that others use: what is theirs loses both wherever they stand; the site's own
sentences lose the name where one begins with it; what others wrote loses "@" and the name. An address goes everywhere.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Cast
from django.db.models.lookups import IContains

from accounts.departures import NOBODY
from accounts.models import User
from species.actions import words
from species.models import Edit, Measurement, Observation, Occurrence, Photo, Place

# What is frozen keeps its bytes; the others go with the account, or are written from what is scrubbed.
LEFT_OUT = {
    *("accounts.User", "accounts.Departure", "account.EmailAddress", "sessions.Session"),
    *("contenttypes.ContentType", "auth.Permission", "auth.Group", "research.Dataset"),
    *("species.PlaceWords", "species.PersonWords", "species.NoteWords"),
}
SENTENCES = {"notices.Notification", "jobs.Job", "admin.LogEntry", "webhooks.Delivery", "webhooks.Endpoint"}
SHORTEST = 20  # letters of a column that could hold an address or be a text

Change = Callable[[str], str]
NAME = Place._meta.get_field("name")


class Scrub:
    """`name` is what they were called, `addresses` what their mail went to."""

    def __init__(self, name: str, addresses: Iterable[str]) -> None:
        self.needles = [name, *addresses]
        said = re.escape(name)
        self._address = re.compile("|".join(map(re.escape, addresses)), re.IGNORECASE)
        self._anywhere = re.compile(rf"(?<!\w)@?{said}(?!\w)", re.IGNORECASE)
        self._mention = re.compile(rf"(?<!\w)@{said}(?!\w)")
        self._opening = re.compile(rf"(^|[.;:!?“(]\s*|\b(?:by|of) ){said}(?!\w)")

    def others(self, text: str) -> str:
        return self._mention.sub(NOBODY, self._address.sub("…", text))

    def sentence(self, text: str) -> str:
        return self._opening.sub(rf"\g<1>{NOBODY}", self.others(text))

    def own(self, text: str) -> str:
        return self._anywhere.sub(NOBODY, self._address.sub("…", text))

    def run(self, person: User) -> Iterator[str]:
        """Go through every table; says which, before each. What is done already is not found again."""
        staff_log = LogEntry.objects.filter(
            object_id=str(person.pk), content_type=ContentType.objects.get_for_model(User)
        )
        staff_log.update(object_repr=NOBODY)
        for model in apps.get_models():
            if model._meta.label in LEFT_OUT:
                continue
            yield str(model._meta.verbose_name_plural)
            change = self.sentence if model._meta.label in SENTENCES else self.others
            for field in filter(_is_text, model._meta.concrete_fields):
                self._rows(model._default_manager.filter(self._holds(field)), field, change)
                # However it is spelt there: SQLite folds small and capital letters of English alone.
                for rows in _theirs(model, person):
                    # An empty text is no JSON to some columns.
                    empty = {} if isinstance(field, models.JSONField) else {field.name: ""}
                    self._rows(rows.exclude(**empty) if empty else rows, field, self.own)
            if model is Place:
                self._rows(_their_places(person).filter(self._holds(NAME)), NAME, self.own)

    def _rows(self, rows: models.QuerySet[Any], field: "models.Field[Any, Any]", change: Change) -> None:
        for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
            self._row(rows.model, pk, field, change)

    def _holds(self, field: "models.Field[Any, Any]") -> Q:
        if not isinstance(field, models.JSONField):
            return _any(field.name, self.needles)
        # As the one database and as the other one writes it.
        escaped = [json.dumps(each)[1:-1] for each in self.needles]
        return _any("as_text", [*self.needles, *escaped], Cast(F(field.name), models.TextField()))

    @staticmethod
    @transaction.atomic
    def _row(model: type[models.Model], pk: Any, field: "models.Field[Any, Any]", change: Change) -> None:
        row = model._default_manager.select_for_update().filter(pk=pk).only(field.name).first()
        if row is None:
            return
        before = getattr(row, field.attname)
        after = _changed(before, change)
        if after == before:
            return
        if isinstance(after, str) and field.max_length:
            after = after[: field.max_length]
        model._default_manager.filter(pk=pk).update(**{field.name: after})
        if isinstance(row, Observation | Place):
            setattr(row, field.attname, after)
            words.settle(row)


def _any(name: str, needles: Iterable[str], expression: Any = None) -> Q:
    found = Q()
    for needle in needles:
        if expression is None:
            found |= Q(**{f"{name}__icontains": needle})
        else:
            found |= Q(IContains(expression, needle))
    return found


def _is_text(field: "models.Field[Any, Any]") -> bool:
    if isinstance(field, models.JSONField | models.TextField):
        return True
    return isinstance(field, models.CharField) and not field.choices and (field.max_length or 80) >= SHORTEST


def _theirs(model: type[models.Model], person: User) -> Iterator[models.QuerySet[Any]]:
    """Rows that are theirs, or about what is."""
    rows = model._default_manager
    for field in model._meta.concrete_fields:
        if field.is_relation and field.related_model is User:
            yield rows.filter(**{field.name: person})
    if model is Edit or model is Occurrence:
        yield rows.filter(observation__observer=person)
    if model is Measurement:
        yield rows.filter(occurrence__observation__observer=person)


def _their_places(person: User) -> models.QuerySet[Place]:
    """Of no sighting but theirs; that of sightings that are deleted by now is nobody's."""
    others = Observation.objects.filter(place=OuterRef("pk")).exclude(observer=person)
    return Place.objects.filter(~Exists(others))


def _changed(value: Any, change: Change) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    if isinstance(value, dict):
        return {key: _changed(each, change) for key, each in value.items()}
    return value


def forget_file_names(person: User) -> None:
    """How somebody called their files is theirs, too, where the photos stay."""
    Photo.objects.filter(owner=person).exclude(file_name="").update(file_name="")
