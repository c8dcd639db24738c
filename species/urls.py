from django.urls import path

from species.views import media, taxa

urlpatterns = [
    path("taxa/", taxa.taxa, name="taxa"),
    path("taxa/proposals", taxa.proposals, name="taxon_proposals"),
    path("taxa/<slug:key>/", taxa.taxon, name="taxon"),
    path("photos/<uuid:id>/<int:size>.jpg", media.photo_rendition, name="photo_rendition"),
    path("photos/<uuid:id>/original", media.photo_original, name="photo_original"),
]
