"""Whatever goes wrong under /api/ is said in JSON, whoever noticed it and whatever the client says it accepts."""

import json

from django.http import HttpResponse

from config import problems

JSON = "application/json"
OF_THE_BODY = {
    *["content-type", "content-length", "content-encoding", "content-language", "content-disposition"],
    "etag",
}
SENTENCES = {
    400: "This request cannot be read.",
    401: "Say who you are: Authorization: Token aqua_…",
    403: "You may not do this here.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    406: "This address answers in JSON.",
    413: "That is more than we take at once.",
    415: "This address does not read that kind of body.",
    429: "That was a lot at once. Try again later.",
    500: "Something went wrong on our side.",
    503: "We cannot answer just now. Try again in a minute.",
}


def is_api(path: str) -> bool:
    return path == "/api" or path.startswith("/api/")


def failure(path: str, sentence: str, status: int) -> HttpResponse:
    """A problem (`config.problems`); of the ancestors' routes also with the `success` and `error` of their clients."""
    said = problems.problem(status, sentence)
    if path.startswith(problems.OURS):
        return HttpResponse(_json(said), status=status, content_type=problems.MEDIA_TYPE)
    return HttpResponse(_json({"success": False, "error": sentence} | said), status=status, content_type=JSON)


def _json(said: dict) -> str:
    return json.dumps(said, ensure_ascii=False)


def in_json(get_response):
    """Middleware, outside all others: an error page, of ours or of a library, gives way to a sentence in JSON."""

    def middleware(request):
        response = get_response(request)
        if response.status_code < 400 or not is_api(request.path_info) or _is_json(response):
            return response
        plain = response.headers.get("Content-Type", "").startswith("text/plain") and not response.streaming
        sentence = response.content.decode() if plain else ""
        status = response.status_code
        said = failure(request.path_info, sentence or _sentence(status), status)
        # What is said beside the page (who may read it, when to come back) stays; what describes it goes.
        for name, value in response.headers.items():
            if name.lower() not in OF_THE_BODY:
                said.headers[name] = value
        said.cookies = response.cookies
        # Closed with the answer that takes its place, and not now: that would end the request for everybody inside.
        said._resource_closers += response._resource_closers
        return said

    return middleware


def _is_json(response) -> bool:
    return response.headers.get("Content-Type", "").partition(";")[0].strip() in (JSON, problems.MEDIA_TYPE)


def _sentence(status: int) -> str:
    return SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400])
