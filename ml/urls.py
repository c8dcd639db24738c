from django.urls import path

from ml import ancestors, views

urlpatterns = [
    path("models/", views.models, name="models"),
    path("models/roll-back/", views.roll_back, name="roll_back"),
    path("models/<uuid:id>/", views.model, name="model"),
    path("models/<uuid:id>/promote/", views.promote, name="promote"),
    path("runs/", views.run_list, name="runs"),
    path("runs/start/", views.start_run, name="start_run"),
    path("runs/<uuid:id>/", views.run, name="run"),
    path("api/classes", ancestors.classes, name="ancestor_classes"),
    path("api/predict", ancestors.predict, name="ancestor_predict"),
    path("api/classify", ancestors.classify, name="ancestor_classify"),
    path("api/predict_image", ancestors.predict_image, name="ancestor_predict_image"),
    path("api/predict_url", ancestors.predict_url, name="ancestor_predict_url"),
]
