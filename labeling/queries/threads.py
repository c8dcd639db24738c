"""Whether somebody was shown what others say of an organism."""

from accounts.models import User
from labeling.models import Comment, FieldMark, Identification, Ruling, ShownThread
from species.models import Occurrence


def were_shown(person: User, occurrence: Occurrence) -> bool:
    """Whether others' words on it were in sight of this person, taken back or not. Two queries
    in most cases, one where not.

    Who was no one yet when they read a page may have read nothing but their own words.
    """
    if not ShownThread.objects.filter(person=person, occurrence=occurrence).exists():
        return False
    others = Identification.objects.filter(occurrence=occurrence).exclude(person=person)
    rulings = Ruling.objects.filter(occurrence=occurrence).exclude(reviewer=person)
    comments = Comment.objects.filter(observation__occurrences=occurrence).exclude(person=person)
    pointed = FieldMark.objects.filter(occurrence=occurrence).exclude(person=person)
    return others.exists() or rulings.exists() or comments.exists() or pointed.exists()
