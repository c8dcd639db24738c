"""Campaigns: admins make them; each holds what lists are asked for."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import QueryDict

from labeling.actions import campaigns
from labeling.filters import WaitingFilter, query_of
from labeling.models import Campaign, SetAnswer
from labeling.views.gallery import refused, said
from look.admin import ListAdmin
from species.models import Occurrence


class CampaignForm(forms.ModelForm):
    class Meta:
        model = Campaign
        fields = ["name", "slug", "words", "query", "goal", "last_day"]

    def clean_query(self) -> str:
        """As in the address of Explore or of the room; a whole address does as well."""
        asked = said(QueryDict(self.cleaned_data["query"].rpartition("?")[2]))
        if "campaign" in asked:
            raise ValidationError("A campaign is no part of another one.")
        filterset = WaitingFilter(asked, queryset=Occurrence.objects.none())
        wrong = refused(asked, filterset)
        if not filterset.form.is_valid():
            wrong += [text for each in filterset.form.errors.values() for text in each]
        if wrong:
            raise ValidationError(list(dict.fromkeys(wrong)))
        query = query_of(asked)
        if not query:
            raise ValidationError("Say what it is about, e.g. place=Enns&month=10.")
        return query


@admin.register(Campaign)
class CampaignAdmin(ListAdmin):
    form = CampaignForm
    list_display = ["name", "query", "goal", "last_day", "by", "created"]
    list_filter = ["last_day"]
    list_select_related = ["by"]
    search_fields = ["=slug", "=name"]
    prepopulated_fields = {"slug": ["name"]}

    def save_model(self, request, obj, form, change):
        campaigns.save(campaign=obj, by=request.user)

    def has_delete_permission(self, request, obj=None):
        """What people answered in it stays; one with a last day is offered no more."""
        return obj is not None and not SetAnswer.objects.filter(campaign=obj).exists()
