from django.urls import path

from species.views import media, places, taxa

urlpatterns = [
    path("taxa/", taxa.taxa, name="taxa"),
    path("taxa/proposals", taxa.proposals, name="taxon_proposals"),
    path("taxa/<slug:key>/", taxa.taxon, name="taxon"),
    path("taxa/<slug:key>/range", taxa.taxon_range, name="taxon_range"),
    path("places/floor", places.floor, name="place_floor"),
    path("places/proposals", places.proposals, name="place_proposals"),
    path("waters/<slug:version>/<int:level>/<int:x>/<int:y>.json", places.waters_tile, name="waters_tile"),
    path("photos/<uuid:id>/<int:size>.jpg", media.photo_rendition, name="photo_rendition"),
    path("photos/<uuid:id>/whole/<int:size>.jpg", media.photo_whole, name="photo_whole"),
    path("photos/<uuid:id>/as/<slug:form>.jpg", media.photo_preview, name="photo_preview"),
    path("photos/<uuid:id>/original", media.photo_original, name="photo_original"),
]
