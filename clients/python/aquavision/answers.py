"""What a site's answer means: what was asked for, a refusal, "come back", or half an answer."""

from __future__ import annotations

from typing import Any

import httpx

# Nothing was done: what was asked for may be asked again, whatever it was.
UNTOUCHED = (429, 503)
# Said by what stands before a site; whether it was done nobody knows.
BETWEEN = (502, 504)


class Refused(Exception):
    """The site says no.

    `status` is HTTP's, `code` is for programs (the site's `docs/api.md`), `errors` says what is wrong with which part
    of what was sent: `pointer`, `parameter` or `header`, with `code` and `detail`. As text it is the site's sentences.
    """

    def __init__(
        self, status: int, detail: str, code: str = "", errors: list[dict[str, str]] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.code, self.errors = status, detail, code, errors or []


class Unreachable(Exception):
    """No whole answer came, however often it was asked for."""


class Broken(Exception):
    """An answer that was cut off on its way. What was asked for may have been done."""


class Busy(Exception):
    """Come back in `seconds` (0: not said). `untouched`: nothing was done."""

    def __init__(self, refusal: Refused, seconds: float, untouched: bool) -> None:
        super().__init__(str(refusal))
        self.refusal, self.seconds, self.untouched = refusal, seconds, untouched


def read(answer: httpx.Response) -> Any:
    """The JSON of an answer; None where it has no body on purpose. Raises Refused, Busy or Broken."""
    if answer.status_code in (204, 304):
        return None
    if answer.is_redirect:
        raise Refused(
            answer.status_code,
            f"This address leads on to {answer.headers.get('location', 'nowhere')}. "
            "Log in with the address at which the site itself answers.",
            "moved",
        )
    if answer.is_error:
        raise _refusal(answer)
    if _is_page(answer):
        raise Refused(answer.status_code, f"{answer.url} answers with a page. Is it a site's API?", "no_site")
    return _json(answer)


def _refusal(answer: httpx.Response) -> Exception:
    said = {} if answer.content and not _is_json(answer) else _json(answer)
    said = said if isinstance(said, dict) else {}
    plain = f"The site answered {answer.status_code} {answer.reason_phrase}."
    refusal = Refused(
        answer.status_code,
        str(said.get("detail") or said.get("error") or plain),
        str(said.get("code", "")),
        [each for each in said.get("errors", ()) if isinstance(each, dict)],
    )
    if refusal.code == "digest_mismatch":
        return Broken("Other bytes arrived than were sent.")
    if answer.status_code in UNTOUCHED + BETWEEN:
        return Busy(refusal, _seconds(answer), untouched=answer.status_code in UNTOUCHED)
    return refusal


def _json(answer: httpx.Response) -> Any:
    # A cut inside the header can leave a 201 that is whole but for its body, which is empty then.
    try:
        return answer.json()
    except ValueError as error:
        raise Broken(f"The answer ({answer.status_code}) is no whole JSON.") from error


def _seconds(answer: httpx.Response) -> float:
    said = answer.headers.get("retry-after", "")
    # The other form, a date, needs a clock that agrees with the site's.
    return float(said) if said.isdecimal() else 0.0


def _is_json(answer: httpx.Response) -> bool:
    kind = str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _is_page(answer: httpx.Response) -> bool:
    return bool(answer.content) and str(answer.headers.get("content-type", "")).startswith("text/html")
