"""What lists of what people and models say can be asked for."""

from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from labeling.models import Comment, Flag, Pass, Suggestion
from labeling.queries import comments
from labeling.queries.listing import changed_since
from species.filters import SYNC, MomentFilter, YesOrNoFilter
from species.models import MARK_LENGTH
from species.queries import taxa


class SaidFilter(filters.FilterSet):
    """What every list of what people say can be asked for."""

    # By id as such: a choice of rows would tell hidden ones from those that don't exist.
    occurrence = filters.UUIDFilter(field_name="occurrence")
    standing = YesOrNoFilter(field_name="withdrawn_at", lookup_expr="isnull")
    updated_since = MomentFilter(method="changed", help_text=SYNC)

    def changed(self, queryset, name, value):
        return changed_since(queryset, value)


class IdentificationFilter(SaidFilter):
    person = filters.UUIDFilter(field_name="person")


class PassFilter(filters.FilterSet):
    """`standing=true`: not taken back."""

    occurrence = filters.UUIDFilter(field_name="occurrence")
    standing = YesOrNoFilter(field_name="withdrawn_at", lookup_expr="isnull")

    class Meta:
        model = Pass
        fields = ["kind", "reason"]


class SuggestionFilter(filters.FilterSet):
    photo = filters.UUIDFilter(field_name="photo")
    occurrence = filters.UUIDFilter(field_name="photo__occurrence_photos__occurrence")
    source = filters.CharFilter(field_name="source", help_text="The name of a model.")

    class Meta:
        model = Suggestion
        fields: list[str] = []


class DrawnFilter(IdentificationFilter):
    photo = filters.UUIDFilter(field_name="photo")


class FieldMarkFilter(DrawnFilter):
    """`taxon`: a label, of marks of this taxon and of all under it."""

    taxon = filters.CharFilter(method="of_taxon")
    mark = filters.CharFilter(field_name="mark", max_length=MARK_LENGTH)

    def of_taxon(self, queryset, name, value):
        taxon = taxa.by_label(value)
        if taxon is None:
            raise ValidationError({"taxon": [taxa.no_such_label(value)]})
        return queryset.filter(taxon__in=taxa.descendants(taxon))


class AllBoxedFilter(filters.FilterSet):
    photo = filters.UUIDFilter(field_name="photo")
    person = filters.UUIDFilter(field_name="person")
    standing = YesOrNoFilter(field_name="withdrawn_at", lookup_expr="isnull")
    holds = YesOrNoFilter(field_name="holds")


class RulingFilter(SaidFilter):
    source = filters.UUIDFilter(field_name="source")


class CommentFilter(filters.FilterSet):
    observation = filters.UUIDFilter(field_name="observation")
    person = filters.UUIDFilter(field_name="person")
    standing = YesOrNoFilter(field_name="withdrawn_at", lookup_expr="isnull")
    updated_since = MomentFilter(method="changed", help_text=SYNC)

    class Meta:
        model = Comment
        fields: list[str] = []

    def changed(self, queryset, name, value):
        return comments.changed_since(queryset, value)


class FlagFilter(filters.FilterSet):
    photo = filters.UUIDFilter(field_name="photo")
    kind = filters.ChoiceFilter(choices=Flag.Kind.choices)
    open = YesOrNoFilter(field_name="resolved_at", lookup_expr="isnull")

    class Meta:
        model = Flag
        fields: list[str] = []


class ReportFilter(filters.FilterSet):
    person = filters.UUIDFilter(field_name="person")
    observation = filters.UUIDFilter(field_name="observation")
    open = YesOrNoFilter(field_name="resolved_at", lookup_expr="isnull")


class SuspensionFilter(filters.FilterSet):
    """`standing=true`: not lifted."""

    person = filters.UUIDFilter(field_name="person")
    standing = YesOrNoFilter(field_name="lifted_at", lookup_expr="isnull")
