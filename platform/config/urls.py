"""Every address of the site. The ancestors' routes have no trailing slash and no prefix."""

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.contrib import admin
from django.urls import include, path

from accounts import urls as accounts_urls
from config import api
from home.views import home, keep, site, words

# The admin's own log-in counts no failures, so passwords of staff could be tried there without end.
admin.site.login = secure_admin_login(admin.site.login)

handler400 = "home.views.errors.unreadable"
handler500 = "home.views.errors.server_error"

urlpatterns = [
    path("", home.home, name="home"),
    path("about", home.about, name="about"),
    path("terms", words.terms, name="terms"),
    path("privacy", words.privacy, name="privacy"),
    path("support", words.support, name="support"),
    path("takedown", words.takedown, name="takedown"),
    path("ping", site.ping, name="ping"),
    path("config", site.site_config, name="site_config"),
    path("held/<uuid:token>", keep.held_photo, name="held_photo"),
    path("keep/<uuid:token>", keep.keep, name="keep"),
    path("api/v1/", include(api.router.urls)),
    path("api/v1/schema", api.Schema.as_view(), name="api_schema"),
    path(api.MAPS, include(api.maps.urls)),
    path(f"{api.MAPS}api", api.MapsDescription.as_view(), name="ogc-api"),
    path("api/docs", site.api_docs, name="api_docs"),
    path("api/docs/swagger", api.swagger, name="api_swagger"),
    path("api/docs/redoc", api.redoc, name="api_redoc"),
    path("", include(accounts_urls.oauth)),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("home.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("jobs/", include("jobs.urls")),
    path("notices/", include("notices.urls")),
    path("webhooks/", include("webhooks.urls")),
    path("", include("species.urls")),
    path("", include("labeling.urls")),
]
if apps.is_installed("research"):
    urlpatterns.append(path("", include("research.urls")))
if apps.is_installed("ml"):
    urlpatterns.append(path("", include("ml.urls")))
