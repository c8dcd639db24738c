"""The form in which a merge, a split or a swap is proposed: a name a line, in any spelling."""

from django import forms
from django.core.exceptions import ValidationError

from species.actions.taxon_changes import MOST_TAXA
from species.models import Taxon, TaxonChange
from species.queries.names import Names, Unknown

LINES = {"rows": 3, "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}


class ChangeForm(forms.Form):
    """Cleans `old` and `new` to taxa, and `areas` to areas by a taxon's id."""

    kind = forms.ChoiceField(
        choices=TaxonChange.Kind.choices,
        label="What happens",
        widget=forms.RadioSelect(attrs={"class": "seg"}),
        initial=TaxonChange.Kind.MERGE,
    )
    old = forms.CharField(
        max_length=10_000,
        label="From",
        widget=forms.Textarea(attrs=LINES),
        help_text="One name a line: those that are merged, the one that is split, the one that is replaced.",
    )
    new = forms.CharField(
        max_length=20_000,
        label="Into",
        widget=forms.Textarea(attrs=LINES),
        help_text="One name a line; they have to be here already. Of a split, an area may follow after @: votes in "
        "it count for that name, all others are asked again. An area is a box of degrees (west,south,east,north) or "
        "an H3 cell; several stand with ; between them.",
    )
    reason = forms.CharField(
        max_length=5_000,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Everybody reads it.",
    )
    source = forms.CharField(
        max_length=300, required=False, label="Where that is published", help_text="A paper, a checklist."
    )

    def clean_old(self) -> list[Taxon]:
        return [_taxon(line) for line in _lines(self.cleaned_data["old"])]

    def clean_new(self) -> list[Taxon]:
        self.cleaned_data["areas"] = {}
        found = []
        for line in _lines(self.cleaned_data["new"]):
            name, _, areas = line.partition("@")
            taxon = _taxon(name.strip())
            found.append(taxon)
            if said := [each for each in areas.split(";") if each.strip()]:
                self.cleaned_data["areas"][taxon.pk] = said
        return found


def _lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_TAXA:
        raise ValidationError(f"At most {MOST_TAXA} names.")
    return lines


def _taxon(name: str) -> Taxon:
    """As it is written, also where that is a synonym; else as it is meant everywhere."""
    exact = Taxon.objects.filter(scientific_name=name).first() or Taxon.objects.filter(label=name).first()
    if exact is not None:
        return exact
    try:
        return Names().find(name)
    except Unknown as error:
        raise ValidationError("%(why)s", code="unknown", params={"why": str(error)}) from error
