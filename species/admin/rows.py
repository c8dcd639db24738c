"""What the lists of every app share: thumbnails, and rows that the admin only shows."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join

from species.models import (
    Photo,
)
from species.presenters.plates import rendition_url

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


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at, whatever the role."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class KeptAdmin(admin.ModelAdmin):
    """May be corrected, not made or deleted here: other rows stand on it."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
