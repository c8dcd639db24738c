from django.urls import path

from ml.api import legacy
from ml.views import models, people, promotions, runs, sightings

urlpatterns = [
    path("models/", models.models, name="models"),
    path("models/roll-back/", promotions.roll_back, name="roll_back"),
    path("models/<uuid:id>/", models.model, name="model"),
    path("models/<uuid:id>/promote/", promotions.promote, name="promote"),
    path("people/<uuid:id>/uses", people.uses, name="person_uses"),
    path("sightings/<uuid:id>/uses", sightings.uses, name="sighting_uses"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/start/", runs.start_run, name="start_run"),
    path("runs/<uuid:id>/", runs.run, name="run"),
    path("api/classes", legacy.classes, name="ancestor_classes"),
    path("api/predict", legacy.predict, name="ancestor_predict"),
    path("api/classify", legacy.classify, name="ancestor_classify"),
    path("api/predict_image", legacy.predict_image, name="ancestor_predict_image"),
    path("api/predict_url", legacy.predict_url, name="ancestor_predict_url"),
]
