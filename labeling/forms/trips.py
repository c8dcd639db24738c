"""What somebody says of a trip of theirs."""

from datetime import datetime, timedelta
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from labeling.forms.drafts import OFFSETS, ZONES, offset_words
from labeling.forms.places import PlaceForm
from species.forms.names import NameInput
from species.models import Taxon, Trip
from species.queries.names import Names, Unknown

TEXTS = ("name", "gear", "effort")


class Hours(forms.TimeField):
    def __init__(self, **options) -> None:
        super().__init__(
            required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **options
        )


def day(label: str) -> forms.DateField:
    return forms.DateField(required=False, label=label, widget=forms.DateInput(attrs={"type": "date"}))


class DeviceForm(forms.Form):
    """What a device says beside a press. Nonsense is as if it had said nothing."""

    id = forms.UUIDField(required=False)
    utc_offset = forms.IntegerField(required=False, min_value=-14 * 60, max_value=14 * 60)


class TripForm(PlaceForm):
    """Where a trip is told as little of as its sightings are; one field a line, so that a thumb reaches it."""

    surroundings = None
    ASKED_AS = {"started_at": "start_day", "ended_at": "end_day"}

    name = forms.CharField(required=False, max_length=160, label="What do you call it?")
    start_day, start_time = day("Began on"), Hours(label="Hour it began")
    end_day, end_time = day("Ended on"), Hours(label="Hour it ended")
    utc_offset = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=OFFSETS, label="Hours from UTC"
    )
    targets = forms.CharField(
        required=False,
        max_length=2000,
        label="What did you look for?",
        help_text="Names with commas between them.",
        widget=NameInput,
    )
    nothing_caught = forms.BooleanField(required=False, label="Nothing caught, and nothing seen")
    gear = forms.CharField(
        required=False, max_length=160, label="With what?", help_text="E.g. fly rod, dry flies."
    )
    effort = forms.CharField(
        required=False,
        max_length=160,
        label="What else tells how much?",
        help_text="E.g. two rods, 800 m of bank.",
    )
    people_count = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=10_000,
        label="How many were you?",
        help_text="Yourself included.",
    )
    people = forms.CharField(
        required=False,
        max_length=2000,
        label="Who was along?",
        help_text="Names of people here, with commas between them. Each is asked, and shown once they agree.",
    )

    def __init__(self, *args, trip: Trip, **options) -> None:
        self.trip, self.before = trip, said_of(trip)
        super().__init__(*args, initial=self.before, **options)
        if trip.utc_offset is not None and trip.utc_offset not in ZONES:
            self.fields["utc_offset"].choices = [*OFFSETS, (trip.utc_offset, offset_words(trip.utc_offset))]

    def clean_targets(self) -> list[Taxon]:
        names = Names()
        found = []
        for text in filter(None, map(str.strip, self.cleaned_data["targets"].split(","))):
            try:
                found.append(names.find(text))
            except Unknown as error:
                raise ValidationError("%(why)s", params={"why": str(error)}) from error
        return found

    def clean_people(self) -> list[User]:
        known = {each.person.display_name: each.person for each in self.trip.people.select_related("person")}
        texts = list(filter(None, map(str.strip, self.cleaned_data["people"].split(","))))
        return [known.get(each) or _account(each) for each in texts]

    def clean(self) -> dict:
        cleaned = super().clean()
        for name in ("start", "end"):
            if cleaned.get(f"{name}_time") and not cleaned.get(f"{name}_day"):
                self.add_error(f"{name}_day", "Say the day, too.")
            if cleaned.get(f"{name}_day") and not cleaned.get(f"{name}_time"):
                self.add_error(f"{name}_time", "Say the hour, too.")
        return cleaned

    def described(self) -> dict:
        """The arguments of `trips.describe`; what was left as it stood is not said again."""
        said = self.cleaned_data
        place = self.place()
        fields = {name: place[name] for name in place if name != "place_source"}
        plain = (*TEXTS, "utc_offset", "people_count", "nothing_caught", "targets", "people")
        fields |= {name: said[name] for name in plain if name in self.changed_data}
        zone = "utc_offset" in fields
        for name, field in (("start", "started_at"), ("end", "ended_at")):
            # The hour on the wall stays where only its zone is another.
            if zone or {f"{name}_day", f"{name}_time"}.intersection(self.changed_data):
                there = said[f"{name}_day"] and said[f"{name}_time"]
                fields[field] = datetime.combine(said[f"{name}_day"], said[f"{name}_time"]) if there else None
                if there and f"{name}_time" not in self.changed_data:
                    # What the page cannot show of it.
                    before = self.trip.local_times[0 if name == "start" else 1]
                    fields[field] += timedelta(seconds=before.second, microseconds=before.microsecond)
        return fields


def _account(text: str) -> User:
    people = User.objects.filter(is_active=True)
    try:
        found = list(people.filter(pk=UUID(text)))
    except ValueError:
        found = list(people.filter(display_name__iexact=text)[:2])
    if not found:
        raise ValidationError("Nobody here is called %(name)s.", params={"name": text})
    if len(found) > 1:
        raise ValidationError(
            "More than one person is called %(name)s: write the id in the address of their page.",
            params={"name": text},
        )
    return found[0]


def said_of(trip: Trip) -> dict:
    """What a trip says, field by field."""
    start, end = trip.local_times
    people = [
        each.person.display_name for each in trip.people.select_related("person") if not each.declined_at
    ]
    return {
        **{name: getattr(trip, name) for name in (*TEXTS, "utc_offset", "people_count", "nothing_caught")},
        "start_day": start and start.date(),
        "start_time": start and start.time().replace(second=0, microsecond=0),
        "end_day": end and end.date(),
        "end_time": end and end.time().replace(second=0, microsecond=0),
        "targets": ", ".join(each.scientific_name for each in trip.targets.order_by("scientific_name")),
        "people": ", ".join(people),
        "place_name": trip.place.name if trip.place else "",
        "latitude": trip.latitude,
        "longitude": trip.longitude,
        "uncertainty_m": trip.uncertainty_m,
        "place_source": "map_pin",
        "privacy": trip.privacy,
        "time_precision": trip.time_precision,
    }
