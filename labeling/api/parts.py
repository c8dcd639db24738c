"""What every viewset of this app reads and shows in the same way."""

from collections.abc import Iterable
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

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
        if options.get("read_only"):
            options.setdefault("allow_null", True)
        else:
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


class ShowsThreads:
    """Mix into a viewset whose rows are what people say of organisms: who reads them has seen what others say.

    `said_by`: the column of who says it. See labeling.views.shown.
    """

    said_by = "person_id"

    def paginate_queryset(self, queryset):
        page = super().paginate_queryset(queryset)
        note_threads(self.request, (each.occurrence_id for each in page if self._is_of_another(each)))
        return page

    def retrieve(self, request, *args, **arguments):
        """One of them."""
        row = self.get_object()
        note_threads(request, [row.occurrence_id] if self._is_of_another(row) else [])
        return Response(self.get_serializer(row).data)

    def _is_of_another(self, row) -> bool:
        return row.occurrence_id is not None and getattr(row, self.said_by) != self.request.user.pk


def note_threads(request, occurrences: Iterable[UUID]) -> None:
    """This answer shows what others than who asks say of these."""
    request.shown.extend((each.hex, "") for each in occurrences)
