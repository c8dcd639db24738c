from django.urls import path

from research.views import datasets, photos

urlpatterns = [
    path("datasets/", datasets.datasets_page, name="datasets"),
    path("datasets/new/", datasets.new, name="new_dataset"),
    path("datasets/freeze/", datasets.freeze, name="freeze_dataset"),
    path("datasets/<uuid:id>/", datasets.dataset_page, name="dataset"),
    path("datasets/<uuid:id>/manifest.json", datasets.manifest, name="dataset_manifest"),
    path("datasets/<uuid:id>/<slug:format>.zip", datasets.export, name="dataset_export"),
    path("datasets/<uuid:id>/<slug:format>/data.zip", datasets.data, name="dataset_data"),
    path("datasets/<uuid:id>/changes/", datasets.changes, name="dataset_changes"),
    path("datasets/<uuid:id>/retire/", datasets.retire, name="retire_dataset"),
    path("photos/<uuid:id>/datasets/", photos.photo_page, name="photo_datasets"),
    path("photos/<uuid:id>/erase/", photos.erase, name="erase_from_datasets"),
]
