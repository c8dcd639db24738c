"""How tests of pages read them: as somebody, whole, without faults, counting what was asked of the database."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labeling.actions.suggestions import suggest
from tests.look.pages import Page

PEOPLE = ["owner", "colleague", "stranger", "reviewer", "admin", "anonymous"]


def as_person(client, person):
    client.logout()
    if person is not None:
        client.force_login(person)
    return client


def get(client, name, *args, expect=200, **query) -> Page:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == expect, answer.content[:2000]
    return read(answer)


def read(answer) -> Page:
    page = Page(answer.content.decode())
    assert page.faults == []
    assert page.missing_targets() == []
    return page


def queries(client, address, **query) -> int:
    client.get(address, query)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address, query).status_code == 200
    return len(asked)


def links(page: Page) -> list[str]:
    return [each.get("href") or "" for each in page.all("a")]


def guess(photo, tree, *answers, taxon=None, source="resnet34-v7"):
    taxon = tree[answers[0][0]] if taxon is None else taxon
    said = [{"label": label, "probability": probability} for label, probability in answers]
    return suggest(photo=photo, source=source, answers=said, taxon=taxon, uncertainty=1 - answers[0][1])
