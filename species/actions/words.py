"""Every write of words that people search by: who changes a text writes its words in the same transaction."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from species.models import NoteWords, Observation, PersonWords, Place, PlaceWords
from species.taxonomy import names

BATCH = 1000  # texts read at once
Holder = Place | User | Observation
# Whose text: the model of its words, and the column that it is in.
TEXTS: dict[type[Model], tuple[Any, str]] = {
    Place: (PlaceWords, "name"),
    User: (PersonWords, "display_name"),
    Observation: (NoteWords, "note"),
}


def settle(of: Holder) -> None:
    """Write the words of this row's text. Safe to repeat."""
    # Of a request's person too, who is wrapped until somebody asks.
    words, column = TEXTS[of._meta.model]
    rows = words._default_manager
    text = names.document(getattr(of, column))
    if text:
        rows.update_or_create(of=of, defaults={"text": text})
    else:
        rows.filter(of=of).delete()


def follow(user: User, **sent: object) -> None:
    """Receives `accounts.models.named`."""
    settle(user)


def differing() -> list[Holder]:
    """Rows that are not found by the words of their text. Reads every text."""
    # People write while this reads: what differs is looked at once more.
    return [each for each in _differing() if _differs(each)]


def _differing() -> Iterator[Holder]:
    for model, (words, column) in TEXTS.items():
        written = words._default_manager.filter(of=OuterRef("pk")).values("text")
        rows = model._default_manager.annotate(
            written=Coalesce(Subquery(written), Value(""), output_field=TextField())
        )
        texts = rows.exclude(**{column: "", "written": ""}).order_by("pk").only(column)
        for each in texts.iterator(BATCH):
            if getattr(each, "written", "") != names.document(getattr(each, column)):
                yield each


def _differs(of: Holder) -> bool:
    words, column = TEXTS[type(of)]
    of.refresh_from_db(fields=[column])
    written = words._default_manager.filter(of=of).values_list("text", flat=True).first()
    return (written or "") != names.document(getattr(of, column))
