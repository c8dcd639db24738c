"""What a dataset is asked to hold, in words and as an address."""

from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict
from django.urls import reverse
from rest_framework.exceptions import ValidationError

from labeling.filters import VerifiedFilter
from labeling.presenters import sets
from research.queries.previews import Preview
from species.models import Status, Taxon


def words(query: str) -> list[str]:
    """Each filter in a few words; as it was written, where it means nothing any more."""
    try:
        values = VerifiedFilter(QueryDict(query)).checked()
    except ValidationError:
        return [f"{name} {value}" for name, value in parse_qsl(query)]
    return [word for _, word in sets.words(values)]


def on_the_map(query: str) -> str:
    """Where Explore shows the same organisms, of photos that everybody sees."""
    return f"{reverse('gallery')}?{urlencode([*parse_qsl(query), ('status', Status.VERIFIED)])}"


def classes(found: Preview) -> list[dict[str, object]]:
    """A row per class, those with most organisms first. One query."""
    taxa = {each.label: each for each in Taxon.objects.filter(label__in=found.classes)}
    most = sorted(found.classes.items(), key=lambda each: (-each[1], each[0]))
    test = found.split["test_groups"] if found.split else {}
    return [
        {"taxon": taxa[label], "organisms": count, "test_groups": test.get(label)} for label, count in most
    ]
