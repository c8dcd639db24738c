"""The tree of names."""

import uuid
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from look import languages
from species.taxonomy import field_marks

MARK_LENGTH = field_marks.LONGEST


def check_field_marks(value: object) -> None:
    """Raises ValidationError."""
    if wrong := field_marks.fault(value):
        raise ValidationError(wrong)


class Rank(models.TextChoices):
    KINGDOM = "kingdom"
    PHYLUM = "phylum"
    CLASS = "class"
    ORDER = "order"
    FAMILY = "family"
    SUBFAMILY = "subfamily"
    GENUS = "genus"
    SPECIES = "species"
    HYBRID = "hybrid"
    SUBSPECIES = "subspecies"
    FORM = "form"


def titled(name: str) -> str:
    """A name as it begins a heading: "Brown trout" for "brown trout".

    A word that has a capital of its own further on ("d’Artagnan", "iNat") is spelt like that everywhere.
    """
    name = name.strip()
    first, *_ = name.split(maxsplit=1) or [""]
    at = next((at for at, sign in enumerate(first) if sign.isalnum()), None)
    if at is None or first != first.lower():
        return name
    return name[:at] + name[at].title() + name[at + 1 :]


FINE = (Rank.SPECIES, Rank.HYBRID, Rank.SUBSPECIES, Rank.FORM)


class TaxonQuerySet(models.QuerySet["Taxon"]):
    def accepted(self) -> Self:
        return self.filter(synonym_of=None)

    def nameable(self) -> Self:
        """Names a model can learn and a person would pick: species and finer, hybrids too."""
        return self.accepted().filter(rank__in=FINE)


class Taxon(models.Model):
    """A node of the tree (dwc:Taxon). A hybrid has two parents."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scientific_name = models.CharField(max_length=160, unique=True)
    authorship = models.CharField(max_length=160, blank=True)
    rank = models.CharField(max_length=12, choices=Rank.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    second_parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="hybrid_children"
    )
    synonym_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="synonyms")
    label = models.CharField(
        max_length=80,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", "Lower-case letters, digits and underscores.")],
        help_text="The API's class name, e.g. brown_trout.",
    )
    common_names = models.JSONField(
        default=dict, blank=True, help_text='As inside a sentence: {"en": "brown trout"}'
    )
    gbif_key = models.PositiveBigIntegerField(null=True, blank=True)
    col_key = models.CharField(max_length=16, blank=True)
    provisional = models.BooleanField(default=False)
    sensitive = models.CharField(
        max_length=12,
        blank=True,
        choices=[("generalized", "Rough area at most"), ("private", "Hidden")],
        help_text="The most that is ever public of where it lives.",
    )
    description = models.TextField(blank=True)
    field_marks = models.JSONField(
        default=list,
        blank=True,
        validators=[check_field_marks],
        help_text='What tells it, and in which view: [{"mark": "red slash under the jaw", '
        '"view": "the jaw from below"}]. What is under it has these, too.',
    )
    source = models.CharField(max_length=200, blank=True, help_text="Where this name was taken from.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = TaxonQuerySet.as_manager()

    class Meta:
        ordering = ["scientific_name"]
        verbose_name_plural = "taxa"
        constraints = [
            models.CheckConstraint(
                condition=Q(rank="hybrid", parent__isnull=False, second_parent__isnull=False)
                | (~Q(rank="hybrid") & Q(second_parent=None)),
                name="taxon_hybrid_has_two_parents",
            ),
            models.CheckConstraint(
                condition=Q(second_parent=None) | ~Q(second_parent=F("parent")),
                name="taxon_parents_differ",
            ),
            models.CheckConstraint(
                condition=(Q(parent=None) | ~Q(parent=F("id")))
                & (Q(synonym_of=None) | ~Q(synonym_of=F("id"))),
                name="taxon_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.scientific_name

    def get_absolute_url(self) -> str:
        return reverse("taxon", args=[self.label])

    @property
    def names(self) -> dict[str, str]:
        """Common names by language, but for what somebody wrote into the table that is none."""
        said = self.common_names if isinstance(self.common_names, dict) else {}
        return {language: name for language, name in said.items() if isinstance(name, str)}

    @property
    def said(self) -> str:
        """What to call it inside a sentence: the common name, else the scientific one."""
        return self._common_name or self.scientific_name

    @property
    def common_name(self) -> str:
        """As a heading, in the language of the page, else English, else empty."""
        return titled(self._common_name)

    @property
    def name(self) -> str:
        """What to call it in a heading: the common name, else the scientific one."""
        return self.common_name or self.scientific_name

    @property
    def _common_name(self) -> str:
        names = {language.lower(): name for language, name in self.names.items()}
        wanted = (*languages.wanted(), (get_language() or "en").lower(), "en")
        return next((names[each] for each in wanted if names.get(each)), "")

    @property
    def is_group(self) -> bool:
        """Coarser than a species: it may be that nobody can name it more closely."""
        return self.rank not in FINE

    @property
    def in_italics(self) -> bool:
        return self.rank in ("genus", "species", "hybrid", "subspecies", "form")
