"""Somebody saw something somewhere at some time."""

import uuid
from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Privacy, Surroundings, TimePrecision, User, Viewer
from species import clocks
from species.models.places import Place
from species.models.trips import Trip
from species.places import geoprivacy


class PlaceSource(models.TextChoices):
    EXIF = "exif", "from the photo"
    XMP = "xmp", "from the photo’s XMP"
    DEVICE = "device", "from the device"
    MAP_PIN = "map_pin", "a pin on the map"
    GPX = "gpx", "from a track"
    PLACE_NAME = "place_name", "a named place"


class TimeSource(models.TextChoices):
    SAID = "said", "as its observer said"
    EXIF = "exif", "from the camera"
    XMP = "xmp", "from the photo’s XMP"
    IPTC = "iptc", "from the photo’s IPTC"
    GPS = "gps", "from the satellites’ clock"


class Shown(models.TextChoices):
    """How much of a place anybody may know."""

    EXACT = "exact", "As it is"
    GENERALIZED = "generalized", "A rough area"
    WITHHELD = "withheld", "Nothing"


class PlaceRule(models.TextChoices):
    """What decides that: docs/access.md."""

    OBSERVER = "observer", "The observer's choice"
    AGREED = "agreed", "What it was agreed to be is protected"
    NAMED = "named", "Somebody named a protected taxon"


# Of a time that is not told as it is: from the first day to the last of a month.
LONGEST_TOLD = timedelta(days=31)


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Deleted, to be had back for a moment"
    KEPT = "kept", "Deleted, kept because published datasets rest on it"


def in_box(west: float, south: float, east: float, north: float, path: str = "") -> Q:
    """By public place only, so that no search can corner a hidden one. `west > east` crosses 180°."""
    inside = Q(**{f"{path}public_latitude__range": (south, north)})
    if west <= east:
        return inside & Q(**{f"{path}public_longitude__range": (west, east)})
    return inside & (
        Q(**{f"{path}public_longitude__gte": west}) | Q(**{f"{path}public_longitude__lte": east})
    )


def in_days(first: date | None, last: date | None, path: str = "") -> Q:
    """By public days only, so that no search can narrow a hidden one: all of what others are told lies within."""
    found = Q(**{f"{path}public_first_day__gte": first}) if first else Q()
    if last:
        # Both, since the index is by the first day.
        found &= Q(**{f"{path}public_first_day__lte": last, f"{path}public_last_day__lte": last})
    return found


def meeting_days(first: date | None, last: date | None, path: str = "") -> Q:
    """By public days only, likewise: one of them lies within, whichever it was."""
    found = Q()
    if first:
        # Both, since the index is by the first day. What is told is a month at most.
        earliest = first - min(LONGEST_TOLD, first - date.min)
        found &= Q(**{f"{path}public_first_day__gte": earliest, f"{path}public_last_day__gte": first})
    if last:
        found &= Q(**{f"{path}public_first_day__lte": last})
    return found


def observation_visible_to(person: Viewer, path: str = "") -> Q:
    """Published sightings with at least one photo its owner shows, and everything of one's own; from a row that
    leads to them by `path`, e.g. `observation__`.
    """
    shown = Q(**{f"{path}shown": True})
    if person is None or not person.is_authenticated:
        return shown
    own = Q(**{f"{path}observer": person, f"{path}discarded_at": None})
    if person.is_reviewer:
        return own | Q(**{f"{path}state": State.PUBLISHED})
    return own | shown


class ObservationQuerySet(models.QuerySet["Observation"]):
    def published(self) -> Self:
        return self.filter(state=State.PUBLISHED)

    def drafts_of(self, person: User) -> Self:
        return self.filter(state=State.DRAFT, observer=person, discarded_at=None)

    def visible_to(self, person: Viewer) -> Self:
        return self.filter(observation_visible_to(person))

    def in_bbox(self, west: float, south: float, east: float, north: float) -> Self:
        return self.filter(in_box(west, south, east, north))


class Observation(models.Model):
    """A sighting (dwc:Event) with its photos. Coordinates are WGS84 degrees, uncertainties metres.

    `latitude`/`longitude` are exact and private; `public_*` are what anybody else may ever filter by or see, as
    much as `place_shown` says by `place_rule`; written only by `species.actions.observations`. So are the public days,
    as much of the time as `time_shown` says: `time_precision` where the place is not public as it is. Likewise
    `surroundings_shown` of its photos: `surroundings` there, and elsewhere the whole of them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    observer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    observed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="UTC; where the zone is unknown, the hour on the wall as if it were UTC.",
    )
    utc_offset = models.SmallIntegerField(null=True, blank=True, help_text="Minutes; empty when unknown.")
    local_date = models.DateField(null=True, blank=True)
    time_source = models.CharField(max_length=4, choices=TimeSource.choices, blank=True)
    zone_kept = models.BooleanField(
        default=False, help_text="Its observer says that the zone is right, far from the sun's as it is."
    )
    time_precision = models.CharField(
        max_length=5,
        choices=TimePrecision.choices,
        default=TimePrecision.EXACT,
        help_text="How much of the time others are told, where they are not told the place as it is.",
    )
    time_shown = models.CharField(
        max_length=5, choices=TimePrecision.choices, default=TimePrecision.EXACT, editable=False
    )
    surroundings = models.CharField(
        max_length=8,
        choices=Surroundings.choices,
        default=Surroundings.WHOLE,
        help_text="How much of its photos others see, where they are not told the place as it is.",
    )
    surroundings_shown = models.CharField(
        max_length=8, choices=Surroundings.choices, default=Surroundings.WHOLE, editable=False
    )
    public_first_day = models.DateField(null=True, blank=True, editable=False)
    public_last_day = models.DateField(null=True, blank=True, editable=False)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    uncertainty_m = models.FloatField(null=True, blank=True)
    place_source = models.CharField(max_length=12, choices=PlaceSource.choices, blank=True)
    place = models.ForeignKey(Place, models.SET_NULL, null=True, blank=True, related_name="observations")
    privacy = models.CharField(max_length=12, choices=Privacy.choices, default=Privacy.GENERALIZED)
    public_latitude = models.FloatField(null=True, blank=True, db_index=True)
    public_longitude = models.FloatField(null=True, blank=True, db_index=True)
    public_uncertainty_m = models.FloatField(null=True, blank=True)
    public_h3_3 = models.CharField(max_length=16, blank=True, db_index=True)
    public_h3_5 = models.CharField(max_length=16, blank=True)
    place_shown = models.CharField(
        max_length=12, choices=Shown.choices, blank=True, help_text="Empty: nobody said where."
    )
    place_rule = models.CharField(max_length=12, choices=PlaceRule.choices, blank=True)
    trip = models.ForeignKey(Trip, models.SET_NULL, null=True, blank=True, related_name="observations")
    batch = models.ForeignKey(
        "species.ImportBatch", models.PROTECT, null=True, blank=True, related_name="observations"
    )
    note = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Gone for everybody; a draft, and what no dataset rests on, soon for good.",
    )
    version = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts what was said of it; 0: as its photos made it."
    )
    listed_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="Its place in lists: when it last became visible."
    )
    updated = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When something that its row shows last changed."
    )
    shown = models.BooleanField(
        default=False,
        editable=False,
        help_text="Anybody may see it, by one photo at least; settled by species.actions.visibility.",
    )

    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(fields=["state", "created", "id"]),
            models.Index(fields=["observer", "state", "created", "id"]),
            # With what a list by days is ordered by, and leaves out.
            models.Index(
                fields=["public_first_day", "public_last_day", "listed_at", "id", "shown"],
                name="observation_by_public_days",
            ),
            models.Index(fields=["listed_at", "id"]),
            models.Index(fields=["updated"]),
            models.Index(fields=["published_at"]),
            models.Index(
                fields=["listed_at", "id"], condition=Q(shown=True), name="observation_shown_in_order"
            ),
            models.Index(fields=["observer", "listed_at", "id"]),
            models.Index(fields=["public_uncertainty_m"], name="observation_by_uncertainty"),
            # Of what a hexagon holds, and of the exact places of a map that shows a part of one.
            models.Index(
                fields=["public_h3_5", "place_shown", "public_latitude", "public_longitude"],
                name="observation_of_a_cell",
            ),
            models.Index(
                fields=["discarded_at"],
                condition=Q(discarded_at__isnull=False),
                name="observation_set_aside",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                # Said to be there: a check of a range that comes out NULL lets half a place in.
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="observation_coordinates_in_range",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, place_source="")
                | (Q(latitude__isnull=False) & ~Q(place_source="")),
                name="observation_place_says_where_from",
            ),
            models.CheckConstraint(
                condition=Q(utc_offset=None) | Q(utc_offset__range=(-14 * 60, 14 * 60)),
                name="observation_offset_in_range",
            ),
            models.CheckConstraint(
                condition=Q(observed_at=None) | Q(local_date__isnull=False),
                name="observation_time_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(time_source="") | Q(local_date__isnull=False),
                name="observation_time_source_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(time_shown="exact") | Q(time_shown=F("time_precision")) & ~Q(place_shown="exact"),
                name="observation_time_shown_as_chosen",
            ),
            models.CheckConstraint(
                condition=Q(surroundings_shown="whole")
                | Q(surroundings_shown=F("surroundings")) & ~Q(place_shown="exact"),
                name="observation_surroundings_as_chosen",
            ),
            models.CheckConstraint(
                condition=Q(public_first_day=None, public_last_day=None)
                | Q(
                    time_shown="month",
                    local_date__isnull=False,
                    public_first_day__isnull=False,
                    public_last_day__isnull=False,
                    public_first_day__lte=F("local_date"),
                    public_last_day__gte=F("local_date"),
                )
                | Q(
                    time_shown__in=["exact", "day"],
                    local_date__isnull=False,
                    public_first_day__isnull=False,
                    public_last_day__isnull=False,
                    public_first_day=F("local_date"),
                    public_last_day=F("local_date"),
                ),
                name="observation_public_days_hold_the_day",
            ),
            models.CheckConstraint(
                condition=Q(public_latitude=None, public_longitude=None, public_h3_5="")
                | (
                    Q(public_latitude__isnull=False, public_longitude__isnull=False, latitude__isnull=False)
                    & ~Q(privacy="private")
                ),
                name="observation_hidden_place_is_nowhere",
            ),
            models.CheckConstraint(
                condition=Q(place_shown__in=["exact", "generalized"], public_latitude__isnull=False)
                | Q(place_shown="withheld", public_latitude=None, latitude__isnull=False)
                | Q(place_shown="", latitude=None),
                name="observation_says_what_is_shown",
            ),
            models.CheckConstraint(
                condition=Q(place_shown="", place_rule="") | (~Q(place_shown="") & ~Q(place_rule="")),
                name="observation_says_by_which_rule",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None)
                | (~Q(state="draft") & Q(published_at__isnull=False)),
                name="observation_published_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(shown=False) | Q(state="published"), name="observation_shown_is_published"
            ),
            models.CheckConstraint(
                condition=Q(state="published", discarded_at=None)
                | Q(state__in=["withdrawn", "kept"], discarded_at__isnull=False)
                | Q(state="draft"),
                name="observation_published_is_not_discarded",
            ),
        ]

    def __str__(self) -> str:
        return f"Sighting {str(self.pk)[:8]}"

    @property
    def local_time(self) -> datetime | None:
        """The hour on the wall: aware where its zone is known, else naive, so that no text says one."""
        if self.observed_at is None:
            return None
        local = self.observed_at.astimezone(clocks.zone(self.utc_offset or 0))
        return local if self.utc_offset is not None else local.replace(tzinfo=None)

    @property
    def observed_text(self) -> str | None:
        """`observed_at` in ISO 8601 as it may leave: with `Z` only where the zone is known."""
        return None if self.observed_at is None else clocks.text(self.observed_at, self.utc_offset)

    def told_time(self, exact: bool) -> clocks.Told:
        """Its time for whoever may see the exact place, or for everybody else."""
        precision = TimePrecision.EXACT if exact else self.time_shown
        return clocks.told(self.observed_at, self.utc_offset, self.local_date, precision)

    @property
    def satellite_time(self) -> datetime | None:
        """The moment (naive UTC) of the fix that its first photo with one carries."""
        moments = (photo.metadata.get("satellite_time") for photo in self.photos.all())
        return next((datetime.fromisoformat(each).replace(tzinfo=None) for each in moments if each), None)

    @property
    def zone_doubt(self) -> str:
        """Why its zone is in doubt (`clocks.doubt`), unless the observer has said that it is right."""
        if self.zone_kept or self.utc_offset is None or self.longitude is None:
            return ""
        local = self.local_time and self.local_time.replace(tzinfo=None)
        return clocks.doubt(local, self.utc_offset, self.longitude, self.satellite_time)

    @property
    def has_public_place(self) -> bool:
        return self.public_latitude is not None

    @property
    def name_says_no_more(self) -> bool:
        """What its place is called tells others no more than its public place does: that is the place as it is, or the
        name is of something as wide as the square.
        """
        if self.place_shown != Shown.GENERALIZED:
            return self.place_shown == Shown.EXACT
        wide = self.place.uncertainty_m if self.place else None
        return wide is not None and wide >= (self.public_uncertainty_m or 0)

    def told_locality(self, exact: bool) -> str:
        """dwc:locality for whoever may see the exact place, or for everybody else; empty where nothing is told."""
        return self.place.name if self.place and (exact or self.name_says_no_more) else ""

    @property
    def data_generalizations(self) -> str:
        """dwc:dataGeneralizations: how the public place and time are rougher than the true ones, and why."""
        shown = self.place_shown == Shown.GENERALIZED
        place = geoprivacy.reason(self.place_shown, self.place_rule) if shown else ""
        return " ".join(filter(None, [place, self.time_generalized]))

    @property
    def time_generalized(self) -> str:
        """A sentence about a time that is not told as it is; else empty."""
        told = self.local_date is not None and self.time_shown != TimePrecision.EXACT
        return f"Of the time only the {self.time_shown} is told, as its observer chose." if told else ""

    @property
    def information_withheld(self) -> str:
        """dwc:informationWithheld: that there is a place and nobody else may know it, and why."""
        withheld = self.place_shown == Shown.WITHHELD
        return geoprivacy.reason(self.place_shown, self.place_rule) if withheld else ""
