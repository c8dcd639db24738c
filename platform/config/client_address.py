"""One address for everything inside, and for a site without a key none but this machine's."""

from django.conf import settings
from django.http import HttpResponseForbidden

from accounts.client_address import FORWARDED, client_address
from ops import development_key


def one_address(get_response):
    """Middleware: REMOTE_ADDR is the client's address for everything inside, and nothing else says one."""

    def middleware(request):
        request.META["REMOTE_ADDR"] = client_address(request.META)
        request.META.pop(FORWARDED, None)
        return get_response(request)

    return middleware


def here_alone_with_the_development_key(get_response):
    """Middleware: without a key of its own the site answers this machine alone, whatever server runs it."""

    def middleware(request):
        if settings.SECRET_KEY == development_key.KEY and not development_key.from_this_machine(request.META):
            return HttpResponseForbidden(development_key.REFUSAL, content_type="text/plain; charset=utf-8")
        return get_response(request)

    return middleware
