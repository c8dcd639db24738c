"""Images, and what their owners allow."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import Departure, Surroundings, Viewer, Withheld
from species.images import surroundings
from species.models.import_batches import BatchWithdrawal, ImportBatch
from species.models.observations import Observation, State


class Purpose(models.TextChoices):
    SHOW = "show", "Show it here"
    RESEARCH = "research", "Use it in datasets"
    TRAIN = "train", "Train models on it"


def photo_visible_to(person: Viewer, path: str = "") -> Q:
    """Photos that `person` may see, from a row that leads to them by `path`, e.g. `photo__`.

    A condition on joined rows: `photo__in` some query makes a database read all photos for one page of them.
    """
    shown = Q(**{f"{path}shown": True})
    if person is None or not person.is_authenticated:
        return shown
    own = Q(
        **{
            f"{path}owner": person,
            f"{path}discarded_at": None,
            f"{path}observation__discarded_at": None,
        }
    )
    if person.is_reviewer:
        return own | Q(**{f"{path}observation__state": State.PUBLISHED})
    return own | shown


class PhotoQuerySet(models.QuerySet["Photo"]):
    def allowed_for(self, purpose: str) -> Self:
        """Photos whose standing word on `purpose` is yes, but for those of people who leave and take them along,
        those that are withheld, and those of imports that are withdrawn."""
        leaving = Departure.objects.filter(user=OuterRef("owner"), photos=Departure.Photos.ERASE)
        since = Q(since=None) | Q(since__lte=OuterRef("created"))
        withheld = Withheld.objects.filter(
            since, user=OuterRef("owner"), until__gte=OuterRef("created"), ended_at=None
        )
        return self.filter(
            Exists(
                Consent.objects.filter(
                    photo=OuterRef("pk"), purpose=purpose, granted=True, superseded_at=None
                )
            ),
            ~Exists(leaving),
            ~Exists(withheld),
            ~Exists(BatchWithdrawal.objects.filter(batch=OuterRef("batch"), restored_at=None)),
        )

    def shown(self) -> Self:
        """What anybody may look at."""
        return self.filter(shown=True)

    def visible_to(self, person: Viewer) -> Self:
        return self.filter(photo_visible_to(person))

    def to_be_rendered(self) -> Self:
        """Of which others are to see something else than is stored for them."""
        return self.exclude(shown_as=F("rendered_as"))

    def kept(self) -> Self:
        """Without what was taken out of a draft, or discarded with it."""
        return self.filter(discarded_at=None, observation__discarded_at=None)


class Photo(models.Model):
    """One image. The original is private and untouched, stored under its own sha256."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    observation = models.ForeignKey(Observation, models.PROTECT, related_name="photos")
    position = models.PositiveSmallIntegerField(default=0)
    sha256 = models.CharField(max_length=64, db_index=True)
    phash = models.CharField(max_length=16, db_index=True, help_text="64-bit perceptual hash, hexadecimal.")
    media_type = models.CharField(max_length=32)
    file_name = models.CharField(max_length=200, blank=True, help_text="As the owner called it; private.")
    file_size = models.PositiveIntegerField(help_text="Bytes")
    width = models.PositiveIntegerField(help_text="Pixels, upright")
    height = models.PositiveIntegerField(help_text="Pixels, upright")
    water = models.CharField(max_length=16, default="paper", help_text="Name of the mat its edge calls for.")
    licence = models.CharField(max_length=64)
    credit = models.CharField(max_length=300, blank=True)
    metadata = models.JSONField(default=dict, blank=True, help_text="What its EXIF said; private.")
    drawn = models.BooleanField(default=False, help_text="Its metadata says that no camera took it.")
    shown = models.BooleanField(
        default=False,
        editable=False,
        help_text="Anybody may look at it; settled by species.actions.visibility.",
    )
    frame = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="What holds its organisms, by its owner's boxes, else the agreed ones: x, y, width, height, 0-1.",
    )
    shown_as = models.CharField(
        max_length=24,
        blank=True,
        editable=False,
        help_text="What others see in place of the whole photo, empty: nothing else; settled by "
        "species.actions.surroundings.",
    )
    rendered_as = models.CharField(
        max_length=24, blank=True, editable=False, help_text="What is stored beside the whole of it."
    )
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, blank=True, related_name="photos")
    created = models.DateTimeField(default=timezone.now, editable=False)
    discarded_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Taken out of its draft, and soon gone for good."
    )

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"], condition=Q(shown=True), name="photo_shown_in_order"),
            models.Index(fields=["created", "id"], condition=Q(shown=False), name="photo_hidden_in_order"),
            models.Index(fields=["created", "id"]),
            models.Index(fields=["sha256"], name="photo_by_content"),
            models.Index(fields=["licence", "drawn"], condition=Q(shown=True), name="photo_by_licence"),
            models.Index(fields=["drawn"], condition=Q(shown=True), name="photo_drawn_or_not"),
            models.Index(fields=["id"], condition=~Q(shown_as=F("rendered_as")), name="photo_to_be_rendered"),
            models.Index(
                fields=["discarded_at"], condition=Q(discarded_at__isnull=False), name="photo_set_aside"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner", "sha256"], name="photo_once_per_owner"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="photo_has_a_size"),
            models.CheckConstraint(
                condition=~Q(shown_as__startswith="cropped") | Q(frame__isnull=False),
                name="photo_cropped_has_a_frame",
            ),
        ]

    def __str__(self) -> str:
        return f"Photo {str(self.pk)[:8]}"

    @property
    def original_name(self) -> str:
        """Storage name of the original."""
        return f"originals/{self.sha256[:2]}/{self.sha256}"

    def rendition_name(self, size: int, shown_as: str = "") -> str:
        """Storage name of a rendition, of the whole photo or of what others see: by photo, so that nobody can ask
        whether a file is here.

        And by content: of two files sent at once under one id, the loser's must not replace the winner's.
        """
        made = f"-{shown_as}" if shown_as else ""
        return f"renditions/{str(self.pk)[:2]}/{self.pk}-{self.sha256[:16]}{made}-{size}.jpg"

    @property
    def public_rendition(self) -> str:
        """How much of it others see, where they see it: a value of Surroundings."""
        return self.shown_as.partition("-")[0] or str(Surroundings.WHOLE)

    @property
    def is_rendered(self) -> bool:
        """What others are to see of it is there."""
        return self.shown_as in ("", self.rendered_as)

    @property
    def shows_less(self) -> bool:
        """Others see it, and not the whole of it. What nobody else sees is whole at its public address, too."""
        return self.shown and self.shown_as != ""

    @property
    def shown_part(self) -> surroundings.Fractions | None:
        """Which part of it its public address shows, in fractions: None for all, softened or not."""
        if not self.shows_less:
            return None
        return surroundings.part(self.public_rendition, self.frame, self.width, self.height)

    def rendition_size(self, size: int, whole: bool = False) -> tuple[int, int]:
        """Width and height in pixels of the rendition whose longest side is at most `size`, as at its public address
        or, with `whole`, of all of it.
        """
        part, width, height = None if whole else self.shown_part, self.width, self.height
        if part is not None:
            width, height = round(width * part[2]), round(height * part[3])
        scale = min(1.0, size / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))


class Consent(models.Model):
    """One thing an owner said about one photo. Rows are never changed, only followed by the next."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    granted = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["created", "id"]),
            models.Index(fields=["created", "id"], condition=Q(granted=False), name="consent_refused"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "purpose"],
                condition=Q(superseded_at=None),
                name="consent_one_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}: {'yes' if self.granted else 'no'}"
