"""What its owner says otherwise of a published sighting."""

from uuid import UUID

from accounts.models import Licence
from labeling.forms.drafts import DraftForm
from labeling.forms.places import Decimal
from species.models import Measurement, Observation


class EditForm(DraftForm):
    """The form of a draft without names, which are said on the sighting's page, and with a length for each organism.

    `may_license` is whether the editor is whose licence it is. The sighting must be fetched as a draft is.
    """

    name = confidence = consents = establishment_means = length_cm = method = None

    def __init__(self, *args, observation: Observation, may_license: bool, **options) -> None:
        super().__init__(*args, observation=observation, **options)
        self.lengths: dict[str, UUID] = {}
        organisms = list(observation.occurrences.all())
        for number, organism in enumerate(organisms, start=1):
            name, of_it = f"length_cm_{number}", f" of number {number}" if len(organisms) > 1 else ""
            self.fields[name] = Decimal(
                required=False, min_value=0.1, max_value=3_000, label=f"Length{of_it} in centimetres"
            )
            self.initial[name] = _length(organism)
            self.lengths[name] = organism.pk
        self.order_fields([each for each in self.fields if each not in ("licence", "note")])
        known = {value for value, _ in Licence.choices}
        if not may_license or not {each.licence for each in observation.photos.all()} <= known:
            del self.fields["licence"]

    def length_fields(self) -> list:
        return [self[name] for name in self.lengths]

    def arguments(self) -> dict:
        """Those of `published.edit`, but who says it and what they had seen."""
        said = self.cleaned_data
        # Photos with several licences keep them, unless somebody chooses one.
        chosen = said.get("licence") if "licence" in self.changed_data else None
        return {
            "observation": self.observation,
            "described": self.described(),
            "licence": chosen,
            "lengths": {
                organism: None if said[name] is None else round(said[name] * 10, 3)
                for name, organism in self.lengths.items()
            },
        }


def _length(organism) -> float | None:
    """What was measured last, in cm; a whole number as people write one."""
    kind = Measurement.Kind.TOTAL_LENGTH
    found = [each.value / 10 for each in organism.measurements.all() if each.kind == kind]
    return int(found[-1]) if found and found[-1].is_integer() else found[-1] if found else None
