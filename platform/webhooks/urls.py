from django.urls import path

from webhooks import views

urlpatterns = [
    path("", views.webhooks_page, name="webhooks"),
    path("<uuid:id>/", views.webhook_page, name="webhook"),
    path("<uuid:id>/deliveries/<uuid:delivery>/replay/", views.replay, name="replay_delivery"),
]
