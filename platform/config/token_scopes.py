"""What a token has to be made for, operation by operation: reading needs `read`, and every write what its view says."""

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.views import APIView

from accounts import token_scopes
from accounts.authentication import NOT_IN_SCOPE
from accounts.token_scopes import TokenScope

WRITES = {"post", "put", "patch", "delete"}


class NotInScope(PermissionDenied):
    default_code = "insufficient_scope"


class Scoped(APIView):
    """Mix into a view of the API, before its other parents. Every route of `config.api` has it.

    `scope`: what a write takes; `scopes`: what an action takes that is another, by its name.
    """

    # Without values: they would stand before those of the view itself.
    scope: str
    scopes: dict[str, str]

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        needed = needs(self, request.method)
        may = token_scopes.of(request.auth)
        if needed and may is not None and needed not in may:
            raise NotInScope(NOT_IN_SCOPE.format(needed))


def needs(view, method: str) -> str:
    """The scope that a token needs for this method of a view that is asked; empty where any token will do."""
    scopes, action = getattr(view, "scopes", {}), getattr(view, "action", None)
    if action in scopes:
        return scopes[action]
    return TokenScope.READ if method in SAFE_METHODS else getattr(view, "scope", TokenScope.READ)


def writes(viewset) -> bool:
    """Whether anything of a viewset needs more than `read`."""
    usual = any(hasattr(viewset, name) for name in ("create", "update", "partial_update", "destroy"))
    return usual or any(WRITES & {*each.mapping} for each in viewset.get_extra_actions())
