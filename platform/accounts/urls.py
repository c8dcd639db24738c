from django.urls import path
from oauth2_provider.views import OAuthServerMetadataView, RevokeTokenView, TokenView

from accounts import views

# Called as the library calls its own: its description of them (RFC 8414) finds them by these names.
oauth = (
    [
        path("oauth/authorize/", views.Authorize.as_view(), name="authorize"),
        path("oauth/token/", TokenView.as_view(), name="token"),
        path("oauth/revoke_token/", RevokeTokenView.as_view(), name="revoke-token"),
        path(
            ".well-known/oauth-authorization-server",
            OAuthServerMetadataView.as_view(),
            name="oauth-server-metadata",
        ),
    ],
    "oauth2_provider",
)

urlpatterns = [
    # In place of allauth's, where a person may have many addresses.
    path("email/", views.address_page, name="account_email"),
    path("sessions/", views.sessions_page, name="account_sessions"),
    path("settings/", views.settings_page, name="account_settings"),
    path("settings/defaults/", views.save_defaults, name="save_defaults"),
    path("settings/news/", views.save_news, name="save_news"),
    path("settings/keys/", views.keys_page, name="account_keys"),
    path("settings/apps/", views.apps_page, name="account_apps"),
    path("settings/apps/<int:pk>/revoke/", views.revoke_app, name="revoke_app"),
    path("settings/apps/<int:pk>/take-away/", views.withdraw_app, name="withdraw_app"),
    path("settings/tokens/", views.make_token, name="make_token"),
    path("settings/tokens/<uuid:id>/revoke/", views.revoke_token, name="revoke_token"),
]
