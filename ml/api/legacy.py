"""The routes of three earlier systems, exactly as their clients expect them.

No login, no CSRF token, no redirect, no trailing slash; whatever happens the answer is JSON.
"""

import functools

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from ml import photo_requests
from ml.photo_requests import Refused
from ml.serving import server


def ancestral(*methods: str, **empty):
    """Make a view of this kind: only `methods`, every refusal as JSON with the keys of `empty` beside it."""

    def decorate(view):
        @csrf_exempt
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args, **kwargs):
            try:
                if request.method not in methods:
                    raise Refused("method_not_allowed", f"Send {' or '.join(methods)}.", 405)
                response = view(request, *args, **kwargs)
            except Refused as refused:
                response = refusal(refused, **empty)
            if response.status_code == 405:
                response["Allow"] = ", ".join(methods)
            response["Cache-Control"] = "no-store"
            return response

        return wrapped

    return decorate


def refusal(refused: Refused, **more) -> JsonResponse:
    said = {"success": False, "error": str(refused), "code": refused.code, **more}
    response = JsonResponse(said, status=refused.status)
    if refused.retry_after is not None:
        response["Retry-After"] = str(refused.retry_after)
    return response


@ancestral("GET", "HEAD")
def classes(request):
    with photo_requests.refusing():
        live = server.get_server().live()
    return JsonResponse(sorted(live.session.classes), safe=False)


@ancestral("POST")
def predict(request):
    """The first system: exactly two keys."""
    label = photo_requests.predict(request, photo_requests.sent(request)).ranked[0][0]
    return JsonResponse({"class": label, "success": True})


@ancestral("GET", "POST")
def classify(request):
    """The web classifier and its mobile app, which shows nothing unless the status is exactly 200."""
    data = photo_requests.sent(request) if request.method == "POST" else linked(request)
    ranked = photo_requests.predict(request, data).ranked[:3]
    return JsonResponse(
        {
            "class": ranked[0][0],
            "predictions": [
                {
                    "class": label.replace("_", " "),
                    "output": round(float(probability), 1),
                    "prob": round(float(probability), 2),
                }
                for label, probability in ranked
            ],
        }
    )


@ancestral("POST", file_size=0, predictions=[], duration_inference=0)
def predict_image(request):
    return successor(request, photo_requests.sent(request))


@ancestral("GET", file_size=0, predictions=[], duration_inference=0)
def predict_url(request):
    return successor(request, linked(request))


def successor(request, data: bytes) -> JsonResponse:
    try:
        top_k = int(request.GET.get("top_k", 5))
    except ValueError as error:
        raise Refused("top_k", "top_k is a number of guesses, e.g. 5.") from error
    if top_k < 1:
        raise Refused("top_k", "top_k is a number of guesses, e.g. 5.")
    prediction = photo_requests.predict(request, data)
    return JsonResponse(
        {
            "file_size": len(data),
            "predictions": [
                {"label": label, "confidence": float(probability)}
                for label, probability in prediction.ranked[:top_k]
            ],
            "duration_inference": round(prediction.seconds * 1000, 1),
            "error": None,
        }
    )


def linked(request: HttpRequest) -> bytes:
    return photo_requests.linked(request, request.GET.get("url", ""))
