from django.urls import path

from notices import views

urlpatterns = [
    path("", views.notices_page, name="notices"),
    path("read/", views.read, name="read_notices"),
]
