"""What to train."""

from django import forms

from ml.models import TrainingRun
from research.models import Dataset


class RunForm(forms.Form):
    dataset = forms.ModelChoiceField(
        Dataset.objects.filter(state=Dataset.State.FROZEN).order_by("-version"), empty_label=None
    )
    kind = forms.ChoiceField(label="What for", choices=TrainingRun.Kind.choices)
    arch = forms.CharField(
        label="Architecture",
        required=False,
        help_text="Empty: tf_efficientnet_lite0. Any name timm or torchvision knows, e.g. resnet34.",
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
        if data["kind"] == TrainingRun.Kind.KFOLD:
            options["kfold"] = data["folds"] or 5
        return {"dataset": data["dataset"], "kind": data["kind"], "options": options}
