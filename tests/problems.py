"""How tests read what the API refuses."""

from config.problems import MEDIA_TYPE


def problem(answer, status: int = 400) -> dict:
    """A refusal as RFC 9457 has it, checked for what every one of them holds."""
    assert answer.status_code == status, answer.content[:1000]
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    said = answer.json()
    assert {"type", "title", "status", "code", "detail"} <= set(said) and said["status"] == status, said
    assert said["code"] and said["title"] and said["detail"]
    return said


def refusals(answer, status: int = 400) -> dict[str, list[str]]:
    """Name of what was refused, a field, a parameter or a header, to what is said of it; "detail": of the whole."""
    said = problem(answer, status)
    found: dict[str, list[str]] = {}
    for each in said.get("errors", ()):
        [name] = {
            each[part].removeprefix("#/") for part in ("parameter", "header", "pointer") if part in each
        }
        found.setdefault(name, []).append(each["detail"])
    return found or {"detail": [said["detail"]]}
