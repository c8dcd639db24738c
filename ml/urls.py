from django.urls import path

from ml import ancestors

urlpatterns = [
    path("api/classes", ancestors.classes, name="ancestor_classes"),
    path("api/predict", ancestors.predict, name="ancestor_predict"),
    path("api/classify", ancestors.classify, name="ancestor_classify"),
    path("api/predict_image", ancestors.predict_image, name="ancestor_predict_image"),
    path("api/predict_url", ancestors.predict_url, name="ancestor_predict_url"),
]
