"""Terms, privacy and help in the words of the site or in ours; and a letter from anybody."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from home.views.words import LETTERS_AN_HOUR
from look.site import site
from notices import actions
from notices.models import Letter, Notification

PAGES = ("terms", "privacy", "support")


@pytest.mark.parametrize("name", PAGES)
def test_there_are_words_and_those_of_the_site_take_their_place(client, db, monkeypatch, name):
    page = client.get(f"/{name}").content.decode()
    assert (
        f"<h1>{name.title() if name != 'support' else 'Help'}</h1>" in page
        and page.count("<p>") + page.count("<li>") > 5
    )
    said = site() | {name: "Of *this* site"}
    monkeypatch.setattr("home.views.words.site", lambda: said)
    page = client.get(f"/{name}").content.decode()
    assert "Of <em>this</em> site" in page


def test_they_are_linked_at_the_foot_and_at_sign_up(client, db):
    foot = client.get("/about").content.decode()
    assert all(f'href="/{name}"' in foot for name in (*PAGES, "takedown"))
    form = client.get("/accounts/signup/").content.decode().partition("<footer")[0]
    assert 'href="/terms"' in form and 'href="/privacy"' in form


def test_anybody_writes_and_every_admin_is_told(client, ada, rita, alice):
    said = {
        "kind": "rights",
        "about": "/sightings/1",
        "text": "That is my <b>photo</b>.",
        "email": "eve@example.org",
    }
    assert client.get("/takedown").status_code == 200
    assert client.post("/takedown", said).status_code == 302
    letter = Letter.objects.get()
    assert (letter.by, letter.text, letter.email) == (None, said["text"], said["email"])
    notice = Notification.objects.get(kind="letter")
    assert notice.user == ada
    for person, status in ((rita, 403), (ada, 200)):
        client.force_login(person)
        assert client.get(notice.url).status_code == status
    client.force_login(alice)
    client.post("/takedown", said | {"kind": "privacy"})
    assert Letter.objects.get(kind="privacy").by == alice


def test_it_is_dealt_with_by_admins(client, ada, rita):
    letter = actions.write(kind="other", text="Look.")
    with pytest.raises(PermissionDenied):
        actions.resolve(letter=letter, by=rita)
    client.force_login(ada)
    chosen = {"action": "resolve_letters", "_selected_action": [letter.pk]}
    client.post(reverse("admin:notices_letter_changelist"), chosen)
    letter.refresh_from_db()
    assert letter.resolved_by == ada


@pytest.mark.parametrize(
    "wrong", [{"kind": "burn"}, {"text": ""}, {"text": "x" * 4001}, {"email": "nowhere"}]
)
def test_what_cannot_be_is_refused(client, db, wrong):
    said = {"kind": "rights", "text": "Mine."} | wrong
    assert client.post("/takedown", said).status_code == 400
    assert not Letter.objects.exists()


def test_one_address_writes_so_often(client, db):
    said = {"kind": "other", "text": "Again."}
    answers = [client.post("/takedown", said).status_code for _ in range(LETTERS_AN_HOUR + 1)]
    assert answers == [302] * LETTERS_AN_HOUR + [429]
    assert client.post("/takedown", said, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_a_letter_says_something_and_is_dealt_with_by_somebody(db, ada):
    for wrong in ({"text": ""}, {"resolved_by": ada}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Letter.objects.create(**({"kind": "other", "text": "x"} | wrong))
