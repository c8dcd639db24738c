from django.urls import path

from labeling.views import drafts, gallery, observations, room, shown, uploads

urlpatterns = [
    path("explore", gallery.gallery, name="gallery"),
    path("sightings/<uuid:id>", observations.observation, name="observation"),
    path("sightings/<uuid:id>/second", observations.add_occurrence, name="add_occurrence"),
    path("occurrences/<uuid:id>/identify", observations.identify, name="identify"),
    path("occurrences/<uuid:id>/rule", observations.rule, name="rule"),
    path("identifications/<uuid:id>/withdraw", observations.withdraw, name="withdraw_identification"),
    path("passes/<uuid:id>/withdraw", observations.withdraw_pass, name="withdraw_pass"),
    path("rulings/<uuid:id>/withdraw", observations.withdraw_ruling, name="withdraw_ruling"),
    path("photos/<uuid:id>/flag", observations.flag, name="flag"),
    path("upload", drafts.upload, name="upload"),
    path("upload/photos/<uuid:id>", drafts.photo, name="upload_photo"),
    path("upload/photos/<uuid:id>/drop", drafts.drop, name="drop_photo"),
    path("upload/photos/<uuid:id>/restore", drafts.restore_photo, name="restore_photo"),
    path("upload/join", drafts.join, name="join_photos"),
    path("upload/drafts/<uuid:id>", drafts.draft, name="draft"),
    path("upload/drafts/<uuid:id>/words", drafts.keep, name="keep_draft"),
    path("upload/drafts/<uuid:id>/discard", drafts.discard, name="discard_draft"),
    path("upload/drafts/<uuid:id>/restore", drafts.restore_draft, name="restore_draft"),
    path("you/uploads/<uuid:id>/take-back", drafts.take_back, name="take_back"),
    path("you/uploads", uploads.uploads, name="my_uploads"),
    path("you/uploads/<uuid:id>/consents", uploads.consents, name="photo_consents"),
    path("label", room.label, name="label"),
    path("shown", shown.tell, name="shown"),
]
