"""What to train."""

from django import forms

from ml.models import TrainingRun
from ml.vision import recipes
from ml.vision.architectures import ARCHITECTURES
from research.models import Dataset


class RunForm(forms.Form):
    dataset = forms.ModelChoiceField(
        Dataset.objects.filter(state=Dataset.State.FROZEN).order_by("-version"), empty_label=None
    )
    kind = forms.ChoiceField(label="What for", choices=TrainingRun.Kind.choices)
    recipe = forms.ChoiceField(
        label="How",
        required=False,
        choices=[
            (recipes.AUTO, "As the number of groups asks for"),
            *((row.recipe, f"{row.recipe}: {row.does}") for row in recipes.TABLE),
        ],
    )
    arch = forms.ChoiceField(
        label="Architecture",
        required=False,
        choices=[(name, name) for name in ARCHITECTURES],
        help_text="The first is the quickest on a machine without a GPU.",
    )
    resize = forms.ChoiceField(
        label="Long photos are",
        choices=[("squash", "squashed"), ("pad", "padded")],
        help_text="Never cropped.",
    )
    folds = forms.IntegerField(label="Folds", min_value=2, max_value=20, initial=5, required=False)

    def arguments(self) -> dict:
        """What `ml.actions.runs.start` takes."""
        data = self.cleaned_data
        options: dict = {"resize": data["resize"]}
        if data["arch"]:
            options["arch"] = data["arch"]
        if data["recipe"]:
            options["recipe"] = data["recipe"]
        if data["kind"] == TrainingRun.Kind.KFOLD:
            options["kfold"] = data["folds"] or 5
        return {"dataset": data["dataset"], "kind": data["kind"], "options": options}
