"""Pages of one's own account that show what lies on all floors."""

from django.urls import path

from home.views import exact_places, leaving, takeout

urlpatterns = [
    path("everything/", takeout.take_out, name="take_out"),
    path("everything/file/", takeout.take_out_file, name="take_out_file"),
    path("exact-places/", exact_places.exact_places, name="exact_places"),
    path("leave/", leaving.leave, name="leave"),
    path("come-back/", leaving.come_back, name="come_back"),
]
