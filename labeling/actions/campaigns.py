"""Campaigns: made and changed by admins."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from labeling.models import Campaign


@transaction.atomic
def save(*, campaign: Campaign, by: User) -> Campaign:
    """A new one is `by`'s. What it asks for is checked by who knows the filters (labeling.admin.campaigns).

    Raises PermissionDenied, ValidationError.
    """
    if not (by.is_active and by.is_admin):
        raise PermissionDenied("Only admins make campaigns.")
    if campaign._state.adding:
        campaign.by = by
    campaign.full_clean()
    campaign.save()
    return campaign
