"""Places."""

from django.contrib import admin

from look.admin import CALLED, ListAdmin
from species.actions import places
from species.models import Place, PlaceWords
from species.queries import words


@admin.register(Place)
class PlaceAdmin(ListAdmin):
    list_display = ["name", "country_code", "created"]
    list_filter = ["country_code"]
    search_fields = ["id", "name"]

    def called(self, text):
        return words.holding(PlaceWords, text).order_by("of").values_list("of", flat=True)[:CALLED]

    def save_model(self, request, obj, form, change):
        places.save(place=obj, by=request.user)

    def has_delete_permission(self, request, obj=None):
        return False
