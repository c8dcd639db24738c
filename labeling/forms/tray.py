"""What people say of many drafts at once. Whatever is left empty stays in each draft as it is."""

from copy import deepcopy
from typing import Any

from django import forms

from accounts.models import Licence
from labeling.forms.drafts import DraftForm, words
from labeling.forms.photos import PURPOSES
from labeling.forms.places import PlaceForm
from species.models import PlaceSource, Privacy, Surroundings, TimePrecision

AS_IT_IS = ("", "As each is")
WHEN = ("date", "time", "utc_offset")
SHOWN = ("privacy", "time_precision", "surroundings")
WHERE = ("latitude", "longitude", "uncertainty_m", "place_source")


class ManyForm(PlaceForm):
    """The fields of a draft's form that several drafts may share; consents one by one: yes, no, or as each is."""

    def __init__(self, *args, **options) -> None:
        self.before: dict[str, Any] = {}
        options.setdefault("auto_id", "many-%s")
        super().__init__(*args, **options)
        for name in WHEN:
            self.fields[name] = deepcopy(DraftForm.base_fields[name])
        self.fields["utc_offset"].choices = [
            AS_IT_IS if not value else (value, label) for value, label in self.fields["utc_offset"].choices
        ]
        self.fields["privacy"] = forms.ChoiceField(
            required=False, choices=[AS_IT_IS, *Privacy.choices], label="Who may see the place"
        )
        self.fields["time_precision"] = forms.ChoiceField(
            required=False, choices=[AS_IT_IS, *TimePrecision.choices], label="When others see it"
        )
        self.fields["surroundings"] = forms.ChoiceField(
            required=False,
            choices=[AS_IT_IS, *Surroundings.choices],
            label="What of the photo others see",
        )
        self.fields["licence"] = forms.ChoiceField(required=False, choices=[AS_IT_IS, *Licence.choices])
        for purpose, label in PURPOSES:
            self.fields[purpose] = forms.ChoiceField(
                required=False, choices=[AS_IT_IS, ("yes", "Yes"), ("no", "No")], label=f"May {label}"
            )

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("time") and not cleaned.get("date") and "date" not in self.errors:
            self.add_error("date", "On which day was that?")
        if not self.errors and not any(
            value not in (None, "") for name, value in cleaned.items() if name != "place_source"
        ):
            self.add_error(None, "Say at least one thing that all of them share.")
        return cleaned

    def arguments(self) -> dict[str, Any]:
        """Those of `tray.set_for_many`, but whose and for which."""
        said = self.cleaned_data
        described: dict[str, Any] = {name: said[name] for name in SHOWN if said[name]}
        if said["latitude"] is not None:
            described |= {name: said[name] for name in WHERE}
            described["place_source"] = said["place_source"] or PlaceSource.MAP_PIN
        if said["place_name"]:
            described["place_name"] = said["place_name"]
        return {
            "day": said["date"],
            "hour": said["time"],
            "utc_offset": said["utc_offset"],
            "described": described,
            "licence": said["licence"],
            "consents": {purpose: said[purpose] == "yes" for purpose, _ in PURPOSES if said[purpose]},
            "typed": self._typed(described),
        }

    def _typed(self, described: dict[str, Any]) -> dict[str, list[str]]:
        """The same as texts in the fields of a draft's form."""
        texts = words(self)
        said = [name for name in WHEN if self.cleaned_data[name] is not None]
        said += [name for name in (*WHERE, "place_name", *SHOWN) if name in described]
        said += ["licence"] if self.cleaned_data["licence"] else []
        return {name: texts[name] for name in said}
