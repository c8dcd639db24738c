"""Campaigns, and how far people are with them."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from labeling.models import Campaign, Identification, Pass, SetAnswer

OFFERED = 4  # at once; each is counted


def running(most: int = OFFERED) -> list[Campaign]:
    """Those whose last day is not over, the one that ends first in front. One query."""
    today = timezone.now().date()
    rows = Campaign.objects.filter(Q(last_day=None) | Q(last_day__gte=today))
    return sorted(
        rows.order_by("-created", "-id")[:most],
        key=lambda each: (each.last_day is None, each.last_day or today),
    )


def find(slug: str) -> Campaign | None:
    return Campaign.objects.filter(slug=slug).first()


def given(campaign: Campaign) -> int:
    """Answers of all people in it that stand, names and "can't tell"; its goal at most. One query."""
    of_it = {"occurrence": OuterRef("occurrence"), "person": OuterRef("person"), "withdrawn_at": None}
    named = Identification.objects.filter(**of_it)
    passed = Pass.objects.filter(kind=Pass.Kind.CANNOT_TELL, **of_it)
    rows = SetAnswer.objects.filter(campaign=campaign).filter(Q(Exists(named)) | Q(Exists(passed)))
    return rows.order_by()[: campaign.goal].count()
