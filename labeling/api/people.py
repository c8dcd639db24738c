from rest_framework import serializers, viewsets
from rest_framework.mixins import RetrieveModelMixin

from accounts.api import UUID_PATTERN
from accounts.models import User
from labeling.queries import people


class CountSerializer(serializers.Serializer):
    """So many organisms, and how many of these are verified; `more`: nobody counted the others."""

    total = serializers.IntegerField()
    verified = serializers.IntegerField()
    more = serializers.BooleanField()


class UserSerializer(serializers.ModelSerializer):
    """What everybody may know of a person: what they are called, what they found and named of what is shown.

    `source`: an imported collection.
    """

    name = serializers.CharField(source="display_name", read_only=True)
    source = serializers.BooleanField(source="is_source", read_only=True)
    found = CountSerializer(read_only=True)
    named = CountSerializer(read_only=True)

    class Meta:
        model = User
        fields = ["id", "name", "source", "found", "named"]
        read_only_fields = fields

    def to_representation(self, person):
        person.found, person.named = people.found(person), people.named(person)
        return super().to_representation(person)


class UserViewSet(RetrieveModelMixin, viewsets.GenericViewSet):
    """People, one at a time, by the id under which their sightings and names give them."""

    queryset = User.objects.all()
    serializer_class = UserSerializer
    lookup_value_regex = UUID_PATTERN
    filter_backends = ()
