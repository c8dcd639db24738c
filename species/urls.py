from django.urls import path

from species import media, views

urlpatterns = [
    path("taxa/", views.taxa, name="taxa"),
    path("taxa/<slug:key>/", views.taxon, name="taxon"),
    path("photos/<uuid:id>/<int:size>.jpg", media.photo_rendition, name="photo_rendition"),
    path("photos/<uuid:id>/original", media.photo_original, name="photo_original"),
]
