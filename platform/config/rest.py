"""How REST framework works here, and what the API says of itself."""

from typing import Any


def framework(**rates: str) -> dict[str, Any]:
    """REST_FRAMEWORK, with the limits of writing: `writes` of a person, `writes_anonymous` of an address."""
    return {
        "DEFAULT_AUTHENTICATION_CLASSES": [
            "accounts.authentication.TokenAuthentication",
            "rest_framework.authentication.SessionAuthentication",
        ],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
        "DEFAULT_PAGINATION_CLASS": "config.pagination.CreatedPagination",
        "PAGE_SIZE": 50,
        "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
        "DEFAULT_THROTTLE_CLASSES": ["config.throttling.Writes"],
        "DEFAULT_THROTTLE_RATES": rates,
        "DEFAULT_SCHEMA_CLASS": "config.description.Operation",
        # No multipart form but where a photo is taken: those routes name their parsers.
        "DEFAULT_PARSER_CLASSES": ["config.parsers.JSON", "config.parsers.Form"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "TEST_REQUEST_DEFAULT_FORMAT": "json",
    }


DESCRIPTION = {
    "TITLE": "Aqua Vision",
    "DESCRIPTION": "Photos, opinions, verdicts, datasets and models of this site.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "ENFORCE_NON_BLANK_FIELDS": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": True,
    # Names of operations are without it; by itself it would be what all addresses begin with.
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "DEFAULT_GENERATOR_CLASS": "config.description.Generator",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.description.describe",
        "config.conditional.describe",
        "config.idempotent.describe",
        "config.problems.describe",
        "config.examples.describe",
    ],
    # Where several fields of one name have different choices, or of several names the same, programs made from the
    # description see these names.
    "ENUM_NAME_OVERRIDES": {
        "FlagKindEnum": "labeling.models.Flag.Kind",
        "PassKindEnum": "labeling.models.Pass.Kind",
        "SurroundingsEnum": "accounts.models.Surroundings",
        "TaxonChangeKindEnum": "species.models.TaxonChange.Kind",
        "TripKindEnum": "species.models.Trip.Kind",
    },
}
