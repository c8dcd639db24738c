"""What others say of an organism, and who was shown that."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from accounts.models import User
from labeling.models import ShownThread
from species.models import Occurrence


@transaction.atomic
def show(*, occurrences: Iterable[UUID], by: User) -> None:
    """Remember that `by` was shown what others say of these, so that it counts with what they then say, through
    whichever door. Again is no error; what is gone is left out.
    """
    here = Occurrence.objects.filter(pk__in=set(occurrences)).values_list("pk", flat=True)
    ShownThread.objects.bulk_create(
        [ShownThread(person=by, occurrence_id=each) for each in here], ignore_conflicts=True
    )
