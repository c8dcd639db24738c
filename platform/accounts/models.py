"""People, what they may do, and what they have said about their own photos by default."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Length, Lower
from django.db.models.lookups import Exact
from django.db.models.sql.compiler import SQLCompiler
from django.dispatch import Signal
from django.utils import timezone

from accounts import addresses, names, passwords, scopes, token_scopes


class Licence(models.TextChoices):
    """Licences a contributor can choose, as SPDX ids. Imports keep their own id, whatever it is."""

    CC0 = "CC0-1.0", "CC0: anyone may use it for anything"
    CC_BY = "CC-BY-4.0", "CC BY: anyone may use it and must name you"
    CC_BY_NC = "CC-BY-NC-4.0", "CC BY-NC: as CC BY, not for profit"
    NONE = "NONE", "No licence: shown here, used nowhere else"


class Privacy(models.TextChoices):
    """How much of a place its observer tells everybody."""

    OPEN = "open", "Exact"
    GENERALIZED = "generalized", "Rough area"
    PRIVATE = "private", "Hidden"


class TimePrecision(models.TextChoices):
    """How much of a time others are told where they are not told the place as it is."""

    EXACT = "exact", "The time"
    DAY = "day", "The day"
    MONTH = "month", "The month"


class Surroundings(models.TextChoices):
    """How much of a photo others see where they are not told the place as it is."""

    WHOLE = "whole", "The whole photo"
    CROPPED = "cropped", "Cropped to its box"
    SOFTENED = "softened", "Softened around its box"


class News(models.TextChoices):
    """What people are told of their own sightings and photos, unless they don't want to be. What answers to something
    that they did themselves is no news, and always told.
    """

    NAMED = "named", "Somebody names a sighting of mine, or takes that back"
    SETTLED = "settled", "It is verified, or can’t be settled"
    DISPUTED = "disputed", "People disagree about it"
    ROUTED = "routed", "A reviewer is asked to look at it"
    COMMENT = "comment", "Somebody comments on it, or where I have said something"
    DATASET = "in_dataset", "Photos of mine are in a new dataset"
    MODEL = "learned", "A model that learned from photos of mine goes live"


class Role(models.TextChoices):
    CONTRIBUTOR = "contributor", "Contributor"
    REVIEWER = "reviewer", "Reviewer"
    RESEARCHER = "researcher", "Researcher"
    ADMIN = "admin", "Admin"


class Standing(models.TextChoices):
    """What somebody was told of how they behave here, written by `labeling.actions.sanctions` alone."""

    GOOD = "good", "Good"
    WARNED = "warned", "Warned, and asked to say that they read it"
    SUSPENDED = "suspended", "Suspended"


# How long an account is new: whoever wants to look behind a place with accounts of their own has to wait.
NEW_FOR = timedelta(days=7)


# Sent with `user`, in the transaction that wrote what they are called from now on.
named = Signal()


class Bytes(models.Func):
    """How many bytes a text has; as many as letters if all of them are ASCII."""

    function = "OCTET_LENGTH"
    output_field = models.IntegerField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="LENGTH(CAST(%(expressions)s AS BLOB))", **context)


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, *, display_name: str, **fields: Any
    ) -> "User":
        """Raises ValidationError for an address or a name that will not do."""
        try:
            email = addresses.normal(email)
        except ValueError as error:
            raise ValidationError({"email": str(error)}) from error
        try:
            display_name = names.clean(display_name)
        except ValueError as error:
            raise ValidationError({"display_name": str(error)}) from error
        user = self.model(email=email, display_name=display_name, **fields)
        user.set_password(password)
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            named.send(sender=User, user=user)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Whoever runs the site answers for the address."""
        user = self.create_user(email, password, role=Role.ADMIN, **fields)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def by_address(self, address: str) -> "User | None":
        """Whose address it is, however it is written."""
        try:
            return self.filter(email=addresses.normal(address)).first()
        except ValueError:
            return None

    def established(self) -> "models.QuerySet[User]":
        """Whose word opens something to others: not new, and with an address that they confirmed or a role
        that somebody gave them; and the accounts of imported collections, which a reviewer answers for.
        """
        confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        person = Q(is_active=True, created__lte=timezone.now() - NEW_FOR)
        return self.filter(Q(is_source=True) | person & (Exists(confirmed) | ~Q(role=Role.CONTRIBUTOR)))

    def get_by_natural_key(self, email: str | None) -> "User":
        user = self.by_address(email or "")
        if user is None:
            raise self.model.DoesNotExist(f"Nobody here has the address {email}.")
        return user


class User(AbstractBaseUser):
    """A person, or (`is_source`) the account that holds the identifications of an imported collection."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=80)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.CONTRIBUTOR)
    is_active = models.BooleanField(default=True)
    is_source = models.BooleanField(default=False, help_text="Holds imported opinions; can never log in.")
    licence = models.CharField(max_length=32, choices=Licence.choices, default=Licence.CC_BY)
    privacy = models.CharField(
        max_length=12,
        choices=Privacy.choices,
        default=Privacy.GENERALIZED,
        help_text="Of the places of new sightings.",
    )
    time_precision = models.CharField(
        max_length=5,
        choices=TimePrecision.choices,
        default=TimePrecision.EXACT,
        help_text="Of the times of new sightings, for others, where the place is not shown as it is.",
    )
    surroundings = models.CharField(
        max_length=8,
        choices=Surroundings.choices,
        default=Surroundings.WHOLE,
        help_text="Of the photos of new sightings, for others, where the place is not shown as it is.",
    )
    consents_to_show = models.BooleanField(default=True)
    consents_to_research = models.BooleanField(default=True)
    consents_to_train = models.BooleanField(default=True)
    muted = models.JSONField(default=list, blank=True, help_text="Of News, what they don’t want to be told.")
    keys_on = models.BooleanField(
        default=True, help_text="Whether single letters are keys in the labeling room."
    )
    keys = models.JSONField(
        default=dict, blank=True, help_text="Of accounts.keys, those they changed: what it does, and its key."
    )
    standing = models.CharField(
        max_length=9,
        choices=Standing.choices,
        default=Standing.GOOD,
        editable=False,
        db_default=Standing.GOOD,
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        ordering = ["created", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            # A source account that could log in would be a person who votes under somebody else's name.
            models.CheckConstraint(
                condition=Q(is_source=False) | Q(is_active=False, role=Role.CONTRIBUTOR),
                name="user_source_cannot_log_in",
            ),
            # One account, one address: beyond small ASCII letters databases differ in what they find equal.
            models.CheckConstraint(
                condition=Q(email=Lower(F("email"))) & Q(Exact(Length("email"), Bytes("email"))),
                name="user_email_in_normal_form",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or "somebody"

    @property
    def is_staff(self) -> bool:
        return self._acts_as(Role.REVIEWER, Role.ADMIN)

    @property
    def is_superuser(self) -> bool:
        return self._acts_as(Role.ADMIN)

    @property
    def is_reviewer(self) -> bool:
        return self._acts_as(Role.REVIEWER, Role.ADMIN)

    @property
    def is_researcher(self) -> bool:
        return self._acts_as(Role.RESEARCHER, Role.ADMIN)

    def _acts_as(self, *roles: Role) -> bool:
        return self.is_active and not self.is_suspended and self.role in roles

    @property
    def is_suspended(self) -> bool:
        """They read, take away what is theirs, appeal and leave; and do nothing else."""
        return self.standing == Standing.SUSPENDED

    @property
    def is_admin(self) -> bool:
        return self.is_superuser

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.display_name.split()[:2]).upper() or "?"

    def get_full_name(self) -> str:
        return self.display_name

    @property
    def has_confirmed_address(self) -> bool:
        """Whether a link sent to it was followed, or whoever made the account answers for it."""
        return bool(EmailAddress.objects.filter(user=self, email=self.email, verified=True).exists())

    @property
    def is_leaving(self) -> bool:
        """Whether they asked that their account be deleted, and can still call that back."""
        return Departure.objects.filter(user=self, done=None, due__gt=timezone.now()).exists()

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password and passwords.normal(raw_password))

    def check_password(self, raw_password: str) -> bool:
        """Also true for one that was set as typed, before passwords had one form."""
        text = passwords.normal(raw_password)
        return super().check_password(text) or (text != raw_password and super().check_password(raw_password))

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Admins may do everything; reviewers may look at (never change) species and labeling rows."""
        if self.is_superuser:
            return True
        app, _, codename = perm.partition(".")
        return self.is_staff and app in ("species", "labeling") and codename.startswith("view_")

    def has_perms(self, perms: Iterable[str], obj: models.Model | None = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_superuser or (self.is_staff and app_label in ("species", "labeling"))


# Whoever looks at something: a person, somebody not signed in, or nobody at all.
Viewer = User | AnonymousUser | None


class GrantQuerySet(models.QuerySet["Grant"]):
    def active(self) -> Self:
        return self.filter(revoked_at=None).filter(Q(until=None) | Q(until__gt=timezone.now()))


class Grant(models.Model):
    """A person's right to see originals and exact places of what `scope` names.

    Scopes are plain text so that no floor above is known here: `observation:<uuid>`, `taxon:<uuid>`,
    `dataset:<uuid>` or `all`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    scope = models.CharField(max_length=80)
    purpose = models.TextField()
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now, editable=False)
    until = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["created", "id"]
        indexes = [models.Index(fields=["user", "scope"])]
        constraints = [
            # A scope that nothing reads would look like a grant and open nothing.
            models.CheckConstraint(
                condition=Q(scope=scopes.ALL)
                | Q(scope__startswith="observation:")
                | Q(scope__startswith="taxon:")
                | Q(scope__startswith="dataset:"),
                name="grant_scope_known",
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="grant_says_what_for"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.scope}"


class ApiTokens(models.QuerySet["ApiToken"]):
    def open(self) -> Self:
        """Those that still open something."""
        lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(lasting, revoked_at=None)


class ApiToken(models.Model):
    """A key to the API. Only its digest is kept, so a stolen database opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    scopes = models.JSONField(default=token_scopes.everything)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokens.as_manager()

    class Meta:
        ordering = ["created", "id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def has_ended(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class KeptAnswer(models.Model):
    """What a request that named a key (`Idempotency-Key`) was answered, for whoever sends it again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64, help_text="A digest of the request.")
    status = models.PositiveSmallIntegerField(null=True, help_text="Empty while it is being answered.")
    location = models.CharField(max_length=500, blank=True)
    body = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="kept_answer_once_a_key")]
        indexes = [models.Index(fields=["created"], name="kept_answer_by_time")]

    def __str__(self) -> str:
        return self.key


class PersonEdit(models.Model):
    """What staff changed of an account: name, role, whether it is active, licence; before and after. Never addresses.

    Written with the change itself, and never changed. It goes with the account: names are among it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "id"]
        indexes = [
            models.Index(fields=["person", "created", "id"], name="person_edit_by_person"),
            models.Index(fields=["created", "id"], name="person_edit_in_order"),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.after)} by {self.by}"


class Withheld(models.Model):
    """Photos of somebody that nobody is shown or given while this holds: those they added from `since` on, or all."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(default=timezone.now, help_text="Those they add later are shown.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["until", "id"]
        verbose_name_plural = "withheld"
        indexes = [models.Index(fields=["user"], condition=Q(ended_at=None), name="withheld_now")]

    def __str__(self) -> str:
        return f"Photos of {self.user}"


class Departure(models.Model):
    """Somebody asked that their account be deleted. Until it is `due` they can call that back, which deletes this row;
    meanwhile the account is closed, and `display_name` is what they were called.
    """

    class Photos(models.TextChoices):
        ERASE = "erase", "Delete my photos, and the sightings that they show"
        GIVE = "give", "Leave them to the site, without my name"

    class Words(models.TextChoices):
        KEEP = "keep", "Leave what I said, without my name"
        REMOVE = "remove", "Take back what I said"

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    display_name = models.CharField(max_length=80, blank=True, help_text="Until it is done.")
    photos = models.CharField(max_length=5, choices=Photos.choices)
    words = models.CharField(max_length=6, choices=Words.choices)
    asked = models.DateTimeField(default=timezone.now, editable=False)
    due = models.DateTimeField()
    done = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked", "user"]
        indexes = [models.Index(fields=["due"], condition=Q(done=None), name="departure_due")]
        constraints = [
            models.CheckConstraint(condition=Q(photos__in=["erase", "give"]), name="departure_photos_known"),
            models.CheckConstraint(condition=Q(words__in=["keep", "remove"]), name="departure_words_known"),
            models.CheckConstraint(condition=Q(due__gt=F("asked")), name="departure_can_be_called_back"),
            # What is done keeps no name.
            models.CheckConstraint(
                condition=Q(done=None) & ~Q(display_name="") | Q(done__isnull=False, display_name=""),
                name="departure_done_is_nameless",
            ),
        ]

    def __str__(self) -> str:
        return f"Account {str(self.pk)[:8]} leaves"
