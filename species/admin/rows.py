"""What the lists of every app share: thumbnails, rows that the admin only shows, and whose drafts it leaves out."""

from django.db.models import OuterRef
from django.utils.html import format_html, format_html_join

from accounts.models import User
from look.admin import ListAdmin
from species.models import (
    Observation,
    Photo,
)
from species.presenters.plates import rendition_url
from species.queries.probe import Probe

THUMBNAILS = 4


def thumbnail(photo: Photo) -> str:
    width, height = photo.rendition_size(320)
    return format_html(
        '<img class="thumb" src="{}" width="{}" height="{}" alt="" loading="lazy">',
        rendition_url(photo, 320),
        width,
        height,
    )


def thumbnails(rows) -> str:
    return format_html_join("", "{}", ((thumbnail(photo),) for photo in list(rows)[:THUMBNAILS]))


def sighting_visible_to(person: User, **path: str) -> Probe:
    """Whether `person` may see the sighting that is found by `path`: `occurrences="occurrence"`, say."""
    found = {name: OuterRef(column) for name, column in path.items()}
    return Probe(Observation.objects.filter(**found).visible_to(person))


def photo_visible_to(person: User, column: str) -> Probe:
    """Whether `person` may see the photo that this column names."""
    return Probe(Photo.objects.filter(pk=OuterRef(column)).visible_to(person))


class ReadOnlyAdmin(ListAdmin):
    """To look at, whatever the role."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class KeptAdmin(ListAdmin):
    """May be corrected, not made or deleted here: other rows stand on it."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
