"""What browsers are told beside every answer, on top of what Django and django-csp tell them."""

import re

from config import origins

# A photo may be taken, a place read and a passkey asked for, by our own pages; the rest of what a browser can do is
# nobody's here.
ALLOWED = ("camera", "geolocation", "fullscreen", "clipboard-write", "publickey-credentials-get")
NOBODYS = (
    *("accelerometer", "autoplay", "browsing-topics", "display-capture", "encrypted-media"),
    *("gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment"),
    *("screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
PERMISSIONS = ", ".join([*(f"{name}=(self)" for name in ALLOWED), *(f"{name}=()" for name in NOBODYS)])
SHARING = "Cross-Origin-Resource-Policy"


def say(get_response):
    """Middleware. No other site may put our pages, scripts and private photos into its own; what is open to every
    origin, and renditions that are shown to everybody, which say so themselves, stay open.
    """

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        is_open = re.match(origins.OPEN_TO_ALL, request.path_info)
        response.headers.setdefault(SHARING, "cross-origin" if is_open else "same-origin")
        return response

    return middleware
