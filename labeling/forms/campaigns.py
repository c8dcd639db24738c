"""Campaigns, as addresses name them."""

from django import forms
from django.core.exceptions import ValidationError

from labeling.models import Campaign
from labeling.queries import campaigns


class CampaignField(forms.CharField):
    """A campaign's word in addresses; cleans to a Campaign, or None."""

    def clean(self, value) -> Campaign | None:
        slug = super().clean(value)
        if not slug:
            return None
        found = campaigns.find(slug)
        if found is None:
            # As a parameter: REST framework takes a % in the sentence itself for a place to fill in.
            raise ValidationError("No campaign is called “%(slug)s”.", params={"slug": slug})
        return found
