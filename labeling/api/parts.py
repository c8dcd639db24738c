"""What every viewset of this app reads and shows in the same way."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from species.api.fields import RowField
from species.models import Occurrence, Photo, Taxon
from species.queries import taxa


@extend_schema_field(serializers.DictField(allow_null=True))
class PersonField(serializers.Field):
    """Who said it: id and display name, never more. `source` marks an imported collection."""

    def __init__(self, **options):
        super().__init__(read_only=True, **options)

    def to_representation(self, person):
        return {"id": str(person.pk), "name": person.display_name, "source": person.is_source}


class UpdatedField(serializers.DateTimeField):
    """When it was made, taken back or became visible, whichever was last."""

    def __init__(self, **options):
        super().__init__(read_only=True, source="*", **options)

    def to_representation(self, row):
        return super().to_representation(max(filter(None, (row.listed_at, row.withdrawn_at))))


class LabelField(serializers.SlugRelatedField):
    """A taxon by its label (`brown_trout`); what this site doesn't know is refused."""

    def __init__(self, **options):
        if not options.get("read_only"):
            options.setdefault("queryset", Taxon.objects.all())
        super().__init__(slug_field="label", **options)

    def fail(self, key, **said):
        if key == "does_not_exist":
            raise serializers.ValidationError(taxa.no_such_label(said["value"]), code=key)
        super().fail(key, **said)


class VisibleField(RowField):
    """An id among what the caller sees: hidden rows are refused in the words for rows that don't exist."""

    def get_queryset(self):
        return super().get_queryset().visible_to(self.context["request"].user)


def visible_occurrence() -> VisibleField:
    return VisibleField(queryset=Occurrence.objects.select_related("observation"))


def visible_photo() -> VisibleField:
    return VisibleField(queryset=Photo.objects.all())
