"""What people fill in about their own sightings before others see them."""

from datetime import UTC, datetime

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.datastructures import MultiValueDict

from accounts.models import Licence
from labeling.forms import places
from labeling.forms.fields import TaxonField
from labeling.forms.identifications import CONFIDENCES
from labeling.forms.photos import consents_field
from labeling.forms.places import Decimal, PlaceForm
from labeling.models import Identification
from look.site import site
from species.models import Measurement, Observation, Purpose, TimeSource

ZONES = [*range(-12 * 60, 14 * 60 + 1, 60), -570, -210, 210, 270, 330, 345, 390, 525, 570, 630, 765]


def offset_words(minutes: int) -> str:
    sign = "−" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


OFFSETS = [("", "Not known"), *[(each, offset_words(each)) for each in sorted(ZONES)]]


class DraftForm(PlaceForm):
    """Where and when a sighting was, who may see that, and what its photos may be used for."""

    ASKED_AS = {
        "observed_at": "date",
        "local_date": "date",
        "time_source": "date",
        **dict.fromkeys(Purpose.values, "consents"),
        "value": "length_cm",
        "taxon": "name",
    }

    date = forms.DateField(required=False, label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(
        required=False,
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time", "step": "1"}, format="%H:%M:%S"),
    )
    utc_offset = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=OFFSETS, label="Hours from UTC"
    )
    licence = forms.ChoiceField(choices=Licence.choices)
    consents = consents_field()
    name = TaxonField(required=False, label="What is it?", help_text="Only if you know; others will say too.")
    confidence = forms.ChoiceField(
        required=False,
        choices=CONFIDENCES,
        initial=Identification.Confidence.LIKELY,
        label="How sure are you?",
        widget=forms.RadioSelect(attrs={"class": "seg"}),
    )
    establishment_means = forms.ChoiceField(
        required=False,
        choices=[],
        label="Where it comes from",
        widget=forms.RadioSelect(attrs={"class": "seg"}),
    )
    length_cm = Decimal(required=False, min_value=0.1, max_value=3_000, label="Length in centimetres")
    method = forms.CharField(
        required=False,
        max_length=120,
        label="How it was measured",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(
        required=False, max_length=2000, label="Note", widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, observation: Observation, **options) -> None:
        self.observation = observation
        self.before = said_of(observation)
        self.told = places.told_by(observation.photos.all())
        self.elsewhere: dict[str, list[str]] | None = None
        options.setdefault("initial", self.before)
        options.setdefault("auto_id", f"d{observation.pk.hex[:8]}-%s")
        super().__init__(*args, **options)
        if "name" in self.fields:
            self._ask_for_origins()
        offset = observation.utc_offset
        if observation.zone_doubt:
            self.fields["clock"] = _clock_field(observation)
        if offset is not None and offset not in ZONES:
            # A camera's own idea of its zone: kept unless somebody chooses another.
            self.fields["utc_offset"].choices = [*OFFSETS, (offset, offset_words(offset))]

    def _ask_for_origins(self) -> None:
        origins = list(site()["establishmentMeans"].items())
        if origins:
            self.fields["establishment_means"].choices = origins
        else:
            del self.fields["establishment_means"]
        # The page asks where it comes from once there is a name, and can see by this whether there is.
        self.fields["name"].widget.attrs["placeholder"] = " "

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("time") and not cleaned.get("date") and "date" not in self.errors:
            self.add_error("date", "On which day was that?")
        unchosen = {MOVED: (None, self.before["utc_offset"]), UTC_CLOCK: (None,)}.get(
            cleaned.get("clock"), ()
        )
        if "utc_offset" in cleaned and cleaned["utc_offset"] in unchosen:
            self.add_error("utc_offset", "Choose the hours from UTC that were kept there.")
        if cleaned.get("licence") == Licence.NONE and set(cleaned.get("consents") or ()) - {Purpose.SHOW}:
            self.add_error("consents", "Without a licence it can only be shown here. Choose a licence first.")
        return cleaned

    def arguments(self) -> dict:
        """Those of `drafts.save`, but who says it and whether it is sent."""
        said = self.cleaned_data
        return {
            "observation": self.observation,
            "described": self.described(),
            "licence": said["licence"],
            "consents": said["consents"],
            "taxon": said["name"],
            "confidence": said["confidence"] or Identification.Confidence.LIKELY,
            "length_mm": None if said["length_cm"] is None else round(said["length_cm"] * 10, 3),
            "method": said["method"],
            "establishment_means": said.get("establishment_means", ""),
        }

    def described(self) -> dict:
        """The arguments of `observations.describe`; what was left as it stood keeps its source."""
        said = self.cleaned_data
        return {"note": said["note"]} | self.place() | self._time(said)

    def _time(self, said: dict) -> dict:
        changed = any(said[name] != self.before[name] for name in ("date", "time"))
        offset, answer = said["utc_offset"], said.get("clock")
        if not changed and answer == MOVED:
            # The zone alone: the moment stays, and its hour becomes that of the place.
            return {"utc_offset": offset}
        if not changed and answer == UTC_CLOCK:
            return {"observed_at": self.observation.local_time.replace(tzinfo=UTC), "utc_offset": offset}
        if not changed and offset == self.before["utc_offset"]:
            return {"zone_kept": True} if answer == KEPT else {}
        if not changed and said["time"] is None and offset is not None and self._by_satellites():
            moment = self.observation.satellite_time.replace(tzinfo=UTC)
            return {"observed_at": moment, "utc_offset": offset, "time_source": TimeSource.GPS}
        if said["time"] is not None:
            moment = datetime.combine(said["date"], said["time"])
            return {"observed_at": moment, "utc_offset": offset}
        return {"observed_at": None, "utc_offset": offset, "local_date": said["date"]}

    def _by_satellites(self) -> bool:
        """Whether the moment is known, and only the zone is missing that makes it an hour."""
        source = self.observation.time_source
        return source in ("", TimeSource.GPS) and self.observation.satellite_time is not None


def words(form: DraftForm) -> dict[str, list[str]]:
    """What stands in each field, as text; a field that the page does not have stands as it was."""
    return {name: _texts(form, name, field) for name, field in form.fields.items()}


def _texts(form: DraftForm, name: str, field: forms.Field) -> list[str]:
    several = isinstance(field, forms.MultipleChoiceField)
    left_out = form.is_bound and not several and name not in form.data
    value = form.get_initial_for_field(field, name) if left_out else form[name].value()
    if several:
        texts = value or []
    else:
        texts = [value if isinstance(field, forms.ChoiceField) else field.widget.format_value(value)]
    # PostgreSQL refuses NUL, and browsers write their own ends of lines.
    plain = (str(each).replace("\0", "").replace("\r\n", "\n") for each in texts if each not in (None, ""))
    return sorted(plain)


def as_left(observation: Observation) -> DraftForm:
    """The form as its owner left it, with what was wrong then; its `elsewhere` holds another window's words."""
    left = getattr(observation, "draft_words", None)
    if left is None:
        return DraftForm(observation=observation)
    form = DraftForm(MultiValueDict(left.typed), observation=observation)
    form.is_valid()
    for name, sentences in left.refused.items():
        for sentence in sentences:
            if sentence not in form.errors.get(name or NON_FIELD_ERRORS, []):
                form.add_error(name or None, sentence)
    form.elsewhere = left.elsewhere
    if left.version != observation.version:
        form.elsewhere = words(DraftForm(observation=observation))
    return form


KEPT, MOVED, UTC_CLOCK = "kept", "moved", "utc"


def _clock_field(observation: Observation) -> forms.ChoiceField:
    """The answers to a doubt about the zone."""
    kept = (KEPT, f"{offset_words(observation.utc_offset)} is right, the hour too")
    moved = (MOVED, "Another place’s time: keep the moment, in the hours from UTC chosen here")
    utc = (UTC_CLOCK, "It was on UTC: keep the moment, in the hours from UTC chosen here")
    return forms.ChoiceField(
        required=False,
        label="Which clock was that?",
        choices=[kept, utc if observation.zone_doubt == "utc" else moved],
        widget=forms.RadioSelect,
    )


def said_of(observation: Observation) -> dict:
    """What a draft says so far, field by field; its photos, words and measures must be fetched."""
    photos = list(observation.photos.all())
    occurrence = next(iter(observation.occurrences.all()), None)
    words = occurrence.own_words if occurrence else []
    lengths = [
        each
        for each in (occurrence.measurements.all() if occurrence else [])
        if each.kind == Measurement.Kind.TOTAL_LENGTH
    ]
    local = observation.local_time
    return places.said_of(observation) | {
        "date": observation.local_date,
        "time": local.time().replace(microsecond=0) if local else None,
        "utc_offset": observation.utc_offset,
        "licence": photos[0].licence if photos else "",
        "consents": [
            purpose
            for purpose in Purpose.values
            if photos and all(_granted(photo, purpose) for photo in photos)
        ],
        "name": words[0].taxon.scientific_name if words else "",
        "confidence": words[0].confidence if words else Identification.Confidence.LIKELY,
        "length_cm": lengths[-1].value / 10 if lengths else None,
        "method": lengths[-1].method if lengths else "",
        "establishment_means": occurrence.establishment_means if occurrence else "",
        "note": observation.note,
    }


def _granted(photo, purpose: str) -> bool:
    return any(each.granted for each in photo.standing if each.purpose == purpose)
