from django import forms

from webhooks.events import EVENTS
from webhooks.models import Endpoint


class EndpointForm(forms.Form):
    url = forms.CharField(
        label="Address",
        max_length=2000,
        help_text="Where your program listens, such as https://example.org/hook.",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    description = forms.CharField(label="What is it for?", max_length=Endpoint.NAME_LENGTH, required=False)
    events = forms.MultipleChoiceField(
        label="It is told when", choices=list(EVENTS.items()), widget=forms.CheckboxSelectMultiple
    )
    only_mine = forms.BooleanField(
        label="Only of what is mine",
        required=False,
        help_text="Of your sightings, and of datasets and models in which photos of yours are.",
    )

    @classmethod
    def of(cls, endpoint: Endpoint) -> "EndpointForm":
        return cls(initial={name: getattr(endpoint, name) for name in cls.base_fields})
