from django.urls import path

from accounts import views

urlpatterns = [
    # In place of allauth's, where a person may have many addresses.
    path("email/", views.address_page, name="account_email"),
    path("sessions/", views.sessions_page, name="account_sessions"),
    path("settings/", views.settings_page, name="account_settings"),
    path("settings/defaults/", views.save_defaults, name="save_defaults"),
    path("settings/news/", views.save_news, name="save_news"),
    path("settings/keys/", views.keys_page, name="account_keys"),
    path("settings/tokens/", views.make_token, name="make_token"),
    path("settings/tokens/<uuid:id>/revoke/", views.revoke_token, name="revoke_token"),
]
