from django.urls import path

from jobs import views

urlpatterns = [
    path("", views.jobs_page, name="jobs"),
    path("<uuid:id>/", views.job_page, name="job"),
    path("<uuid:id>/part/", views.job_part, name="job_part"),
    path("<uuid:id>/cancel/", views.cancel_job, name="cancel_job"),
    path("<uuid:id>/retry/", views.retry_job, name="retry_job"),
]
