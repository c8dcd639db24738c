"""Every operation of the API, asked by everybody: the table of docs/permissions.md, which is whole."""

import pytest
from django.conf import settings

from tests.config.scene import PEOPLE, Scene, ask, described

PAGE = settings.ROOT / "docs" / "permissions.md"
# What an answer says of the right to it; 400 and 409 say that it is not possible now, to somebody who may.
WORDS = {
    202: "yes",
    200: "yes",
    201: "yes",
    204: "yes",
    400: "yes",
    409: "yes",
    401: "log in",
    403: "no",
    404: "not there",
}
# Looked at and forgotten: what is answered is up to the live model.
WORDS |= {503: "yes"}
START = "<!-- table -->\n"


def told() -> dict[str, dict[str, str]]:
    """Operation to person to word, as the page says it."""
    rows = [
        line.strip("| \n").split("|") for line in PAGE.read_text("utf-8").partition(START)[2].splitlines()
    ]
    head, _, *rest = [[cell.strip() for cell in row] for row in rows if len(row) > 1]
    assert head[1:] == PEOPLE
    return {row[0].strip("`"): dict(zip(PEOPLE, row[1:], strict=True)) for row in rest}


def asked(scene: Scene, operation: str, who: str) -> str:
    """In a word."""
    _, answer = ask(scene, operation, who)
    assert answer.status_code in WORDS, (operation, who, answer.status_code, answer.content[:500])
    return WORDS[answer.status_code]


def test_the_page_names_every_operation():
    assert sorted(told()) == described(), f"{PAGE.name} has to say who may do what is new."


@pytest.mark.django_db
def test_everybody_may_what_the_page_says(scene):
    found = {each: {who: asked(scene, each, who) for who in PEOPLE} for each in described()}
    page = told()
    differs = {each: found[each] for each in found if found[each] != page.get(each)}
    if differs:  # to be put in, once it was read
        for each, words in differs.items():
            print(f"| `{each}` | " + " | ".join(words.values()) + " |")
    assert differs == {}


def test_what_the_page_says_holds_together():
    for operation, words in told().items():
        method = operation.rpartition(" ")[2]
        if method != "GET" and "predictions" not in operation:
            assert words["nobody"] == "log in", f"{operation}: whoever writes is somebody"
        for less, more in (("nobody", "stranger"), ("stranger", "colleague"), ("stranger", "reviewer")):
            assert words[less] != "yes" or words[more] == "yes", (operation, less, more)
        assert {*words.values()} - {"not there", "no", "log in"}, f"{operation}: somebody may"
