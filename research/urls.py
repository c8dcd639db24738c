from django.urls import path

from research import views

urlpatterns = [
    path("datasets/", views.datasets_page, name="datasets"),
    path("datasets/freeze/", views.freeze, name="freeze_dataset"),
    path("datasets/<uuid:id>/", views.dataset_page, name="dataset"),
    path("datasets/<uuid:id>/manifest.json", views.manifest, name="dataset_manifest"),
    path("datasets/<uuid:id>/<slug:format>.zip", views.export, name="dataset_export"),
    path("datasets/<uuid:id>/retire/", views.retire, name="retire_dataset"),
    path("photos/<uuid:id>/datasets/", views.photo_page, name="photo_datasets"),
    path("photos/<uuid:id>/erase/", views.erase, name="erase_from_datasets"),
]
