"""Every setting of the project, from the environment. Nothing is needed for development."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from environs import Env

from config import logs, oauth, origins, rest, second_factor, stores
from look.site import read as read_site
from ops import development_key

ROOT = Path(__file__).resolve().parent.parent.parent
env = Env()

# Folder of sample photos that tests, benchmarks and `make run DATA=` may use; never part of the project.
SAMPLE_DATA = Path(env.str("AQUA_SAMPLE_DATA", str(ROOT.parent / "shared" / "data")))

DEBUG = env.bool("DEBUG", True)
VAR = Path(env.str("VAR", str(ROOT / "var"))).resolve()
SITE_FILE = Path(env.str("SITE_FILE", str(ROOT / "site.yaml")))
# Whether the subject has places; where it has none, nobody reads them from people's photos.
PLACES = bool(read_site(SITE_FILE)["places"])
# How many pictures an empty site draws to begin with, where site.yaml says of what; 0 for none.
DRAWINGS = env.int("DRAWINGS", 700)


def required(name: str, advice: str, development: str) -> str:
    """A value that has a harmless default in development and none in production."""
    value = env.str(name, "")
    if value:
        return value
    if DEBUG:
        return development
    raise ImproperlyConfigured(f"DEBUG=0 needs {name}. {advice}")


SECRET_KEY = required(
    "SECRET_KEY",
    'Set it to 50 or more random characters, e.g. python -c "import secrets; print(secrets.token_urlsafe(50))".',
    development_key.KEY,
)
ALLOWED_HOSTS = [
    host.strip()
    for host in required(
        "ALLOWED_HOSTS", "Set it to the host names this site answers to, separated by commas.", "*"
    ).split(",")
]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])
# The site may live below a path (https://host/p/trout); see config.wsgi.
FORCE_SCRIPT_NAME = env.str("URL_PREFIX", "").rstrip("/") or None
SECURE_SSL = env.bool("SECURE_SSL", not DEBUG)

OPTIONAL_APPS = env.list("OPTIONAL_APPS", ["research", "ml"])
INSTALLED_APPS = [
    "config",
    "ops",
    "home",
    *OPTIONAL_APPS[::-1],
    "labeling",
    "species",
    "webhooks",
    "jobs",
    "notices",
    "oauth2_provider",  # before accounts, which looks after its rows in the admin
    "accounts",
    "look",
    *(
        f"django.contrib.{app}"
        for app in ("admin", "auth", "contenttypes", "sessions", "messages", "humanize")
    ),
    "whitenoise.runserver_nostatic",  # before Django's own
    "django.contrib.staticfiles",
    "django.forms",
    *("rest_framework", "django_filters", "drf_spectacular", "drf_spectacular_sidecar"),
    *("django_htmx", "corsheaders", "csp"),
    *("allauth", "allauth.account", "allauth.usersessions", "allauth.mfa"),
]

MIDDLEWARE = [
    "config.headers.say",
    "config.api_errors.in_json",
    "config.client_address.here_alone_with_the_development_key",
    "config.client_address.one_address",
    "ops.uploads.forget_unfinished",
    "ops.sendfile.hand_to_the_proxy",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ops.compression.CompressionMiddleware",
    "config.conditional.not_modified",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.second_factor.ask_for_it",
    "labeling.views.sanctions.heed",
    "labeling.views.shown.remember",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "look.site.context",
                "notices.context.notices",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- data -------------------------------------------------------------------------------------------------

DATABASE = env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR / 'db.sqlite3'}")
DATABASES = {"default": stores.database(DATABASE, test=VAR / "test.sqlite3", age=env.int("CONN_MAX_AGE", 60))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": stores.counters(env.str("CACHE_URL", ""), prefix=env.str("CACHE_PREFIX", ""))}

FILES = VAR / "files"
S3_BUCKET = env.str("S3_BUCKET", "")
STORAGES = {
    # Originals, renditions, manifests: one private store; every byte leaves through a view that asks first.
    "default": stores.bucket(S3_BUCKET, env.str("S3_ENDPOINT_URL", None))
    if S3_BUCKET
    else stores.folder(FILES),
    "staticfiles": stores.STATIC if DEBUG else stores.STATIC_COMPRESSED,
}
MODELS = VAR / "models"
WATERS = VAR / "waters"
RUNS = VAR / "runs"

# --- jobs -------------------------------------------------------------------------------------------------

# Seconds after which a job of a worker that is not heard of is free. One that dies on the machine of another
# is noticed at once.
JOB_LEASE = env.float("JOB_LEASE", 60)
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "filesystem://localhost")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {}
if CELERY_BROKER_URL.startswith("filesystem"):
    BROKER_FOLDER = VAR / "broker"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_FOLDER / "queue"),
        "data_folder_out": str(BROKER_FOLDER / "queue"),
        "control_folder": str(BROKER_FOLDER / "control"),
        "store_processed": False,
    }

# --- people -----------------------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", "")
if EMAIL_URL and not DEBUG and "*" in ALLOWED_HOSTS:
    # Links in mails take the site's name from the request: a stranger who asks for somebody's new password
    # under a name of their own would be sent the key when that link is followed.
    raise ImproperlyConfigured(
        "EMAIL_URL needs ALLOWED_HOSTS. Set it to the host names this site answers to, separated by commas."
    )
if EMAIL_URL:
    vars().update(env.dj_email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Aqua Vision <noreply@localhost>")

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
}
# A site without mail can ask nobody: there an address is what somebody logs in with, and nothing more.
ACCOUNT_EMAIL_VERIFICATION = env.str("EMAIL_VERIFICATION", "mandatory" if EMAIL_URL else "none")
if ACCOUNT_EMAIL_VERIFICATION not in ("mandatory", "none"):
    raise ImproperlyConfigured(
        "EMAIL_VERIFICATION is mandatory (nobody logs in with an address they did not confirm) or none."
    )
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
SECOND_FACTOR_FOR = second_factor.required_of(env.list("SECOND_FACTOR_FOR", []))
vars().update(second_factor.MFA)

# --- web --------------------------------------------------------------------------------------------------

# Pages of the species floor link to a sighting, whose page is on a floor above: they ask the row.
ABSOLUTE_URL_OVERRIDES = {
    "species.observation": lambda observation: reverse("observation", args=[observation.pk]),
    "species.trip": lambda trip: reverse("trip", args=[trip.pk]),
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
# The pages are written in this one: a browser that asks for another gets no half-translated ones.
LANGUAGES = [("en", "English")]

# Written out: Django would put the prefix of whichever request came first in front of a relative one.
STATIC_URL = f"{FORCE_SCRIPT_NAME or ''}/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder", "ops.vendor.VendorFinder"]
NODE_MODULES = ROOT / "node_modules"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# Of a form, its files apart.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# A request this long stays in memory; a phone's photo does.
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# Larger ones pass through here. Not the system's folder: what a killed process leaves is somebody's photo.
FILE_UPLOAD_TEMP_DIR = VAR / "uploads"
FILE_UPLOAD_HANDLERS = ["ops.uploads.CutHandler", "ops.uploads.MemoryHandler", "ops.uploads.FileHandler"]
# Who sends stored files: this server, or the proxy in front by X-Accel-Redirect (nginx, which finds FILES at
# SENDFILE_AT) or X-Sendfile (Apache, lighttpd). docs/web_server.md
SENDFILE = env.str("SENDFILE", "")
if SENDFILE not in ("", "X-Accel-Redirect", "X-Sendfile"):
    raise ImproperlyConfigured(f"SENDFILE={SENDFILE} is neither X-Accel-Redirect nor X-Sendfile.")
SENDFILE_AT = env.str("SENDFILE_AT", "/files/")
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL
# Proxies in front, each of which is believed: whom it speaks for (see accounts.client_address), and whether they
# came by HTTPS. What it has to do for that is in docs/operations.md.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31536000 if SECURE_SSL else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Pictures of a tile server under the maps, https://…/{z}/{x}/{y}.png, and whom to name for them; else maps are
# drawn from what lies here, and no request leaves the site.
TILE_URL = env.str("TILE_URL", "")
TILE_CREDIT = env.str("TILE_CREDIT", "")
CONTENT_SECURITY_POLICY = {"DIRECTIVES": origins.policy(TILE_URL)}
# Without credentials: no page of another origin is answered as the person who looks at it.
CORS_ALLOW_ALL_ORIGINS, CORS_URLS_REGEX = True, origins.READ_BY_ALL
CORS_ALLOW_HEADERS, CORS_EXPOSE_HEADERS = origins.SENT, origins.TOLD

URL_FETCH_ALLOW = env.list("URL_FETCH_ALLOW", [])
# Predictions worked on at once, per process: one photo is decoded in the child while another is looked at.
INFERENCE_SLOTS = env.int("INFERENCE_SLOTS", 2)
# Predictions that wait for that, per process, on top; the surplus is told at once when to come back.
INFERENCE_LINE = env.int("INFERENCE_LINE", 6)
# Bytes of photos that one person may add in a day; collections that are imported are not counted.
UPLOAD_BYTES_PER_DAY = env.int("UPLOAD_BYTES_PER_DAY", 4 * 1024**3)
# How long the home page remembers a photo that somebody may still want to keep.
HOLD_SECONDS = env.int("HOLD_SECONDS", 3600)
# Bytes that it takes to remember in that time, from everybody and from one address; so at most twice as many lie
# there at once.
HOLD_BYTES = env.int("HOLD_BYTES", 2 * 1024**3)
HOLD_BYTES_PER_ADDRESS = env.int("HOLD_BYTES_PER_ADDRESS", 512 * 1024**2)
# Where this site is, for addresses in datasets: https://trout.example. Without it, ids stand alone.
PUBLIC_URL = env.str("PUBLIC_URL", "").rstrip("/")
DATASET_SALT = env.str("DATASET_SALT", "aqua-vision-1")
# Shares of test and validation; the rest is for training.
DATASET_SHARES = tuple(env.list("DATASET_SHARES", [0.15, 0.15], subcast=float))
TRAIN_QUEUE = env.str("TRAIN_QUEUE", "gpu")
TRAIN_OPTIONS = dict(env.json("TRAIN_OPTIONS", {}, validate=lambda given: isinstance(given, dict)))

REST_FRAMEWORK = rest.framework(
    writes=env.str("WRITES_PER_PERSON", "3000/hour"),
    writes_anonymous=env.str("WRITES_PER_STRANGER", "600/hour"),
)
OAUTH2_PROVIDER = oauth.PROVIDER
SPECTACULAR_SETTINGS = rest.DESCRIPTION
LOGGING = logs.to_the_console(env.str("LOG_LEVEL", "INFO"))
