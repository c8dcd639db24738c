"""How much new people may still do today: who comes to spam is slowed down, and who comes to help hardly notices.

The numbers are `newcomers` of site.yaml (`look.site`).
"""

import re
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone

from accounts.models import Role, User
from labeling.models import Comment, Identification
from look.site import site

DAY = timedelta(days=1)
LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


def is_new(person: User) -> bool:
    """A role is given by somebody who knows them; collections come with a reviewer."""
    limits = site()["newcomers"]
    return (
        person.role == Role.CONTRIBUTOR
        and not person.is_source
        and person.created > timezone.now() - timedelta(days=limits["days"])
    )


def check_name(person: User) -> None:
    """Raises ValidationError where a new person has named as many today as they may."""
    if is_new(person):
        _few(Identification, person, site()["newcomers"]["identifications"], "name")


def check_comment(person: User, text: str) -> None:
    """Likewise of comments, and of links in this one."""
    if not is_new(person):
        return
    limits = site()["newcomers"]
    if len(LINK.findall(text)) > limits["links"]:
        most = limits["links"]
        raise ValidationError({"text": f"In your first days a comment has at most {most} links."})
    _few(Comment, person, limits["comments"], "text")


def _few(model: type[Model], person: User, most: int, field: str) -> None:
    rows: Any = model._default_manager.filter(person=person, created__gt=timezone.now() - DAY)
    # No more are counted than are needed.
    if len(rows.order_by()[:most].values_list("pk", flat=True)) >= most:
        said = f"In your first days you can send {most} of these a day. Go on tomorrow."
        raise ValidationError({field: said} if field == "text" else said)
