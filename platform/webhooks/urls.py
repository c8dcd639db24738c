from django.urls import path

from webhooks import views

urlpatterns = [
    path("", views.webhooks_page, name="webhooks"),
    path("<uuid:id>/", views.webhook_page, name="webhook"),
    path("<uuid:id>/do/", views.act, name="act_on_webhook"),
    path("<uuid:id>/deliveries/<uuid:delivery>/replay/", views.replay, name="replay_delivery"),
]
