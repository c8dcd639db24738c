from django.urls import path

from species.views import media, places, taxa, taxon_changes

urlpatterns = [
    path("taxa/", taxa.taxa, name="taxa"),
    path("taxa/proposals", taxa.proposals, name="taxon_proposals"),
    path("taxa/<slug:key>/", taxa.taxon, name="taxon"),
    path("taxa/<slug:key>/range", taxa.taxon_range, name="taxon_range"),
    path("taxon-changes", taxon_changes.taxon_changes, name="taxon_changes"),
    path("taxon-changes/new", taxon_changes.propose, name="propose_taxon_change"),
    path("taxon-changes/<uuid:id>", taxon_changes.taxon_change, name="taxon_change"),
    path("taxon-changes/<uuid:id>/apply", taxon_changes.apply, name="apply_taxon_change"),
    path("taxon-changes/<uuid:id>/undo", taxon_changes.undo, name="undo_taxon_change"),
    path("taxon-changes/<uuid:id>/discard", taxon_changes.discard, name="discard_taxon_change"),
    path("places/floor", places.floor, name="place_floor"),
    path("places/proposals", places.proposals, name="place_proposals"),
    path("waters/<slug:version>/<int:level>/<int:x>/<int:y>.json", places.waters_tile, name="waters_tile"),
    path("photos/<uuid:id>/<int:size>.jpg", media.photo_rendition, name="photo_rendition"),
    path("photos/<uuid:id>/whole/<int:size>.jpg", media.photo_whole, name="photo_whole"),
    path("photos/<uuid:id>/as/<slug:form>.jpg", media.photo_preview, name="photo_preview"),
    path("photos/<uuid:id>/original", media.photo_original, name="photo_original"),
]
