from django.urls import path

from labeling.views import gallery, label, observation, own, upload

urlpatterns = [
    path("explore", gallery.gallery, name="gallery"),
    path("sightings/<uuid:id>", observation.observation, name="observation"),
    path("sightings/<uuid:id>/second", observation.add_occurrence, name="add_occurrence"),
    path("occurrences/<uuid:id>/identify", observation.identify, name="identify"),
    path("occurrences/<uuid:id>/rule", observation.rule, name="rule"),
    path("identifications/<uuid:id>/withdraw", observation.withdraw, name="withdraw_identification"),
    path("rulings/<uuid:id>/withdraw", observation.withdraw_ruling, name="withdraw_ruling"),
    path("photos/<uuid:id>/flag", observation.flag, name="flag"),
    path("upload", upload.upload, name="upload"),
    path("upload/photos/<uuid:id>", upload.photo, name="upload_photo"),
    path("upload/photos/<uuid:id>/drop", upload.drop, name="drop_photo"),
    path("upload/drafts/<uuid:id>", upload.draft, name="draft"),
    path("upload/drafts/<uuid:id>/discard", upload.discard, name="discard_draft"),
    path("you/uploads", own.uploads, name="my_uploads"),
    path("you/uploads/<uuid:id>/consents", own.consents, name="photo_consents"),
    path("label", label.label, name="label"),
]
