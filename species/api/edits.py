from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from species.models import Edit, TaxonEdit
from species.queries import edits


class EditSerializer(serializers.ModelSerializer):
    """One act on a published sighting. `before` and `after` have the same fields: those that it changed.

    `length_mm` is a list, one for each organism whose length changed, and `licence` of each kind that photos had;
    `photos` is how many there were, `photo_order` their numbers in the order before. `place` is null where there was
    none; its `shown` says how much of it this is: exact, generalized, or withheld.
    """

    by = serializers.SerializerMethodField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()

    class Meta:
        model = Edit
        fields = ["id", "by", "created", "before", "after"]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField())
    def get_by(self, edit):
        return {"id": str(edit.by_id), "name": edit.by.display_name}

    @extend_schema_field(serializers.DictField())
    def get_before(self, edit):
        return edits.readable(edit, level=self.context["level"], exact=self.context["exact"])[0]

    @extend_schema_field(serializers.DictField())
    def get_after(self, edit):
        return edits.readable(edit, level=self.context["level"], exact=self.context["exact"])[1]


class OrderInput(serializers.Serializer):
    photos = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=1000)


class UndoInput(serializers.Serializer):
    edit = serializers.UUIDField()


class TaxonEditSerializer(serializers.ModelSerializer):
    """One edit of a name. `before` and `after` have the same fields, but for a new name, where `before` is empty.
    Nobody is `by` where a file was loaded: `source` says which.
    """

    by = serializers.SerializerMethodField()

    class Meta:
        model = TaxonEdit
        fields = ["id", "by", "source", "change", "before", "after", "created"]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_by(self, edit):
        return edit.by and edit.by.display_name
